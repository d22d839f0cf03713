package ackplatform.lifecycle;

import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationContext;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** What goes wrong with a service, on request. */
@RestController
public class Trouble {

    private static final int BLOCK = 1 << 20;
    private static final int CRASH_CODE = 42;

    private final ApplicationContext context;
    private final List<byte[]> kept = new ArrayList<>();

    public Trouble(ApplicationContext context) {
        this.context = context;
    }

    @PostMapping("/trouble/unready")
    public void unready() {
        AvailabilityChangeEvent.publish(context, ReadinessState.REFUSING_TRAFFIC);
    }

    @PostMapping("/trouble/ready")
    public void ready() {
        AvailabilityChangeEvent.publish(context, ReadinessState.ACCEPTING_TRAFFIC);
    }

    /** Fills the heap to its end. */
    @PostMapping("/trouble/leak")
    public void leak() {
        new Thread(() -> {
            while (true) {
                kept.add(new byte[BLOCK]);
            }
        }, "leak").start();
    }

    /** Ends the process at once: no shutdown hook runs, nothing is deregistered. */
    @PostMapping("/trouble/crash")
    public void crash() {
        Runtime.getRuntime().halt(CRASH_CODE);
    }
}
