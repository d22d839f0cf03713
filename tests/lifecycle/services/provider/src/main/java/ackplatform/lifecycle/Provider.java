package ackplatform.lifecycle;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.EventListener;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * A service that registers with Nacos and answers with the name of its instance.
 *
 * <p>Its runner may take long, as one that fills caches does. Until it is done, the port is open and the instance
 * registered, but requests get 503.
 */
@SpringBootApplication
@RestController
public class Provider {

    private final String instance;
    private volatile boolean warm;

    public Provider(
            @Value("${instance.name:${POD_NAME:unnamed}}") String instance,
            @Value("${warm.up.seconds:0}") long seconds) {
        this.instance = instance;
        this.warm = seconds == 0;
    }

    public static void main(String[] arguments) {
        SpringApplication.run(Provider.class, arguments);
    }

    @Bean
    ApplicationRunner warmUp(@Value("${warm.up.seconds:0}") long seconds) {
        return arguments -> Thread.sleep(seconds * 1000);
    }

    @EventListener(ApplicationReadyEvent.class)
    public void ready() {
        warm = true;
    }

    /** Answers after the given time; a request in flight when the process is told to end has to be answered too. */
    @GetMapping("/hello")
    public ResponseEntity<String> hello(@RequestParam(name = "millis", defaultValue = "0") long millis)
            throws InterruptedException {
        Thread.sleep(millis);
        return ResponseEntity.status(warm ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE).body(instance);
    }
}
