import java.net.ServerSocket;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import java.util.TimeZone;

/** Says what it was started with, then does what --then asks: exit, wait, listen or oom. Java 8, no dependencies. */
public final class Probe {
    private static final List<byte[]> KEPT = new ArrayList<>();

    public static void main(String[] arguments) throws Exception {
        String then = "exit";
        for (String argument : arguments) {
            System.out.println("argument " + argument);
            if (argument.startsWith("--then=")) {
                then = argument.substring("--then=".length());
            }
        }
        for (String name : new String[] {"server.port", "said", "user.home", "sun.jnu.encoding"}) {
            System.out.println("property " + name + "=" + System.getProperty(name));
        }
        System.out.println("charset " + Charset.defaultCharset());
        System.out.println("zone " + TimeZone.getDefault().getID());
        System.out.println("heap " + Runtime.getRuntime().maxMemory());
        System.out.println("version " + System.getProperty("java.version"));
        System.out.println("library " + Probe.class.getResource("/org/springframework/core/SpringVersion.class"));
        System.out.flush();
        switch (then) {
            case "wait":
                stopAloud();
                System.out.println("waiting");
                Thread.sleep(600_000);
                break;
            case "listen":
                stopAloud();
                try (ServerSocket server = new ServerSocket(Integer.getInteger("server.port"))) {
                    System.out.println("listening");
                    while (true) {
                        server.accept().close();
                    }
                }
            case "oom":
                while (true) {
                    KEPT.add(new byte[1 << 20]);
                }
            default:
        }
    }

    private static void stopAloud() {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("stopping")));
    }
}
