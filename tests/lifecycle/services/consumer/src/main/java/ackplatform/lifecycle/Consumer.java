package ackplatform.lifecycle;

import java.io.IOException;
import java.net.URI;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.util.Timeout;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.discovery.EnableDiscoveryClient;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClient;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Forwards a request to an instance that Spring Cloud LoadBalancer chooses from what Nacos told.
 *
 * <p>It keeps connections alive, as consumers do, and never tries again: a second try would hide what is measured.
 * 502 and the reason is the answer where an instance failed, 503 where there was none.
 */
@SpringBootApplication
@EnableDiscoveryClient
@RestController
public class Consumer {

    private static final int CONNECTIONS = 200;

    private final LoadBalancerClient balancer;
    private final String provider;
    private final CloseableHttpClient client;

    public Consumer(
            LoadBalancerClient balancer,
            @Value("${provider.name:provider}") String provider,
            @Value("${provider.timeout.seconds:5}") long seconds) {
        this.balancer = balancer;
        this.provider = provider;
        this.client = HttpClients.custom()
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setMaxConnTotal(CONNECTIONS)
                        .setMaxConnPerRoute(CONNECTIONS)
                        .build())
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectTimeout(Timeout.ofSeconds(seconds))
                        .setResponseTimeout(Timeout.ofSeconds(seconds))
                        .build())
                .build();
    }

    public static void main(String[] arguments) {
        SpringApplication.run(Consumer.class, arguments);
    }

    @GetMapping("/hello")
    public ResponseEntity<String> hello(@RequestParam(name = "millis", defaultValue = "0") long millis) {
        ServiceInstance chosen = balancer.choose(provider);
        if (chosen == null) {
            return ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE).body("no instance of " + provider);
        }
        URI address = chosen.getUri().resolve("/hello?millis=" + millis);
        try {
            return client.execute(new HttpGet(address), response -> ResponseEntity
                    .status(response.getCode())
                    .body(EntityUtils.toString(response.getEntity())));
        } catch (IOException failure) {
            return ResponseEntity.status(HttpStatus.BAD_GATEWAY).body(address.getAuthority() + ": " + failure);
        }
    }
}
