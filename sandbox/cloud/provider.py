"""One gRPC server of the provider protocol in front of one cloud.

The cloud works on plain Python values; this module turns messages into them, lets faults strike, and words refusals
the way the engine expects. Protocol: https://github.com/pulumi/pulumi/blob/master/proto/pulumi/provider.proto
"""

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import NoReturn

from sandbox.cloud.cloud import Cloud
from sandbox.cloud.faults import Fault, Faults
from sandbox.cloud.protocol import SERVICE, Message, any_pb2, empty_pb2, grpc, plugin_pb2, provider_pb2, status_pb2
from sandbox.cloud.refusal import NotReady, Refusal
from sandbox.cloud.wire import decode, encode

_Method = Callable[[Message, Message], Message]
_RETRY_DELAY = 1.0
_THREADS = 32
_LARGEST_MESSAGE = 400 * 1024 * 1024  # the engine's own limit


class Provider:
    """The protocol's methods. One engine run talks to it at a time; its calls come from many threads."""

    def __init__(self, cloud: Cloud, faults: Faults) -> None:
        self._cloud = cloud
        self._faults = faults
        self._cancelled = threading.Event()

    def handler(self) -> Message:
        """Return the gRPC handler of all methods."""
        pb, nothing = provider_pb2, empty_pb2.Empty
        methods: dict[str, tuple[_Method, Message]] = {
            "Handshake": (self._handshake, pb.ProviderHandshakeRequest),
            "Attach": (lambda *_: nothing(), plugin_pb2.PluginAttach),
            "GetPluginInfo": (lambda *_: plugin_pb2.PluginInfo(version=version(self._cloud.package)), nothing),
            "GetSchema": (lambda *_: pb.GetSchemaResponse(schema="{}"), pb.GetSchemaRequest),
            "CheckConfig": (lambda request, _: pb.CheckResponse(inputs=request.news), pb.CheckRequest),
            "DiffConfig": (self._diff_config, pb.DiffRequest),
            "Configure": (self._configure, pb.ConfigureRequest),
            "Check": (self._check, pb.CheckRequest),
            "Diff": (self._diff, pb.DiffRequest),
            "Create": (self._create, pb.CreateRequest),
            "Update": (self._update, pb.UpdateRequest),
            "Delete": (self._delete, pb.DeleteRequest),
            "Read": (self._read, pb.ReadRequest),
            "Invoke": (self._invoke, pb.InvokeRequest),
            "Cancel": (self._cancel, nothing),
        }
        return grpc.method_handlers_generic_handler(
            SERVICE,
            {
                name: grpc.unary_unary_rpc_method_handler(
                    _answering(work),
                    request_deserializer=request.FromString,
                    response_serializer=lambda message: message.SerializeToString(),
                )
                for name, (work, request) in methods.items()
            },
        )

    def _handshake(self, _request: Message, _context: Message) -> Message:
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True, accept_resources=True, supports_autonaming_configuration=True
        )

    def _configure(self, request: Message, _context: Message) -> Message:
        self._cancelled.set()
        self._cancelled = threading.Event()
        self._cloud.configure(decode(request.args))
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, acceptResources=True, supports_autonaming_configuration=True
        )

    def _diff_config(self, request: Message, _context: Message) -> Message:
        old, new = decode(request.old_inputs), decode(request.news)
        if old == new:
            return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)
        changed = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
        replaces = self._cloud.config_replaces(old, new)
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME, diffs=changed, replaces=list(replaces)
        )

    def _check(self, request: Message, _context: Message) -> Message:
        inputs = decode(request.news)
        checked = self._cloud.check(request.type, inputs, _automatic_name(request))
        failures = [provider_pb2.CheckFailure(property=name, reason=reason) for name, reason in checked.failures]
        same = checked.inputs is inputs
        return provider_pb2.CheckResponse(inputs=request.news if same else encode(checked.inputs), failures=failures)

    def _diff(self, request: Message, _context: Message) -> Message:
        settled = self._cloud.settled(request.type)
        if settled and request.old_inputs == request.news:
            return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE, hasDetailedDiff=True)
        state = {} if settled else decode(request.olds)
        found = self._cloud.diff(request.type, decode(request.old_inputs), decode(request.news), state)
        ignored = [tuple(path.split(".")) for path in request.ignoreChanges]
        changes = [change for change in found.changes if not any(change.under(path) for path in ignored)]
        replaces = {change for change in found.replaces if change in changes}
        pb = provider_pb2
        return pb.DiffResponse(
            changes=pb.DiffResponse.DIFF_SOME if changes else pb.DiffResponse.DIFF_NONE,
            diffs=sorted({str(change.path[0]) for change in changes}),
            replaces=sorted(change.dotted for change in replaces),
            deleteBeforeReplace=bool(replaces) and found.delete_first,
            hasDetailedDiff=True,
            detailedDiff={
                change.dotted: pb.PropertyDiff(
                    kind=pb.PropertyDiff.Kind.Value(f"{change.kind}_REPLACE" if change in replaces else change.kind),
                    inputDiff=True,
                )
                for change in changes
            },
        )

    def _create(self, request: Message, context: Message) -> Message:
        inputs = decode(request.properties)
        if request.preview:
            planned = self._cloud.planned(request.type, inputs, None)
            return provider_pb2.CreateResponse(properties=request.properties if planned is inputs else encode(planned))
        fault = self._struck("create", request.type, (request.name,), context)
        identity, outputs = self._cloud.create(request.type, request.urn, inputs)
        self._after(fault, request.type, identity, context)
        return provider_pb2.CreateResponse(id=identity, properties=encode(outputs))

    def _update(self, request: Message, context: Message) -> Message:
        inputs = decode(request.news)
        if request.preview:
            planned = self._cloud.planned(request.type, inputs, decode(request.olds))
            return provider_pb2.UpdateResponse(properties=encode(planned))
        fault = self._struck("update", request.type, (request.name, request.id), context)
        old = decode(request.old_inputs)
        outputs = self._cloud.update(request.type, request.urn, request.id, inputs, old)
        self._after(fault, request.type, request.id, context)
        return provider_pb2.UpdateResponse(properties=encode(outputs))

    def _delete(self, request: Message, context: Message) -> Message:
        fault = self._struck("delete", request.type, (request.name, request.id), context)
        self._cloud.delete(request.type, request.id)
        self._after(fault, request.type, request.id, context)
        return empty_pb2.Empty()

    def _read(self, request: Message, context: Message) -> Message:
        self._struck("read", request.type, (request.name, request.id), context)
        found = self._cloud.read(request.type, request.id, decode(request.inputs), decode(request.properties))
        if found is None:
            return provider_pb2.ReadResponse()
        identity, outputs, inputs = found
        return provider_pb2.ReadResponse(id=identity, properties=encode(outputs), inputs=encode(inputs))

    def _invoke(self, request: Message, context: Message) -> Message:
        self._struck("invoke", request.tok, (), context)
        answer = encode(self._cloud.invoke(request.tok, decode(request.args)))
        return provider_pb2.InvokeResponse(**{"return": answer})

    def _cancel(self, _request: Message, _context: Message) -> Message:
        self._cancelled.set()
        return empty_pb2.Empty()

    def _struck(self, operation: str, kind: str, names: tuple[str, ...], context: Message) -> Fault | None:
        """Let a fault strike before the work; return the one that strikes after it."""
        fault = self._faults.strike(operation, kind, names)
        match fault:
            case Fault(effect="throttle"):
                if operation == "invoke":
                    raise Refusal(f"Throttling.User: Request was denied due to user flow control. ({kind})")
                self._cancelled.wait(_RETRY_DELAY if fault.seconds is None else fault.seconds)
            case Fault(effect="fail"):
                raise Refusal(fault.message or f"InternalError: the cloud failed to {operation} {(*names, kind)[0]}")
            case Fault(effect="hang"):
                self._hang(context, fault.seconds)
            case Fault(effect="drop") if not (fault.committed and operation in {"create", "update", "delete"}):
                _drop(context, fault)
            case Fault(effect="vanish") if operation in {"update", "delete", "read"}:
                self._cloud.vanish(kind, names[-1])
        return fault

    def _after(self, fault: Fault | None, kind: str, identity: str, context: Message) -> None:
        if fault and fault.effect == "drop":
            _drop(context, fault)
        if fault and fault.effect == "vanish":
            self._cloud.vanish(kind, identity)

    def _hang(self, context: Message, seconds: float | None) -> None:
        cancelled = self._cancelled
        waiting = context.add_callback(cancelled.set)  # False: the engine is gone already
        if not waiting or cancelled.wait(seconds):
            context.abort(grpc.StatusCode.CANCELLED, "the operation was cancelled")


def serve(cloud: Cloud, faults: Faults) -> tuple[Message, int]:
    """Start a server on a free port of 127.0.0.1; return it and the port."""
    limits = [("grpc.max_receive_message_length", _LARGEST_MESSAGE), ("grpc.max_send_message_length", _LARGEST_MESSAGE)]
    server = grpc.server(ThreadPoolExecutor(_THREADS), options=limits)
    server.add_generic_rpc_handlers((Provider(cloud, faults).handler(),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def _answering(work: _Method) -> _Method:
    """Return a method that turns the cloud's refusals into gRPC errors."""

    def answer(request: Message, context: Message) -> Message:
        try:
            return work(request, context)
        except Refusal as refusal:
            context.abort(grpc.StatusCode.UNKNOWN, str(refusal))
        except NotReady as problem:
            _abort_not_ready(context, problem)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            # What the rules stumble over is an object that the API server would not have parsed.
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"{request.type} is not well formed: {error!r}")

    return answer


def _automatic_name(request: Message) -> str | None:
    """Return the name for a resource that states none, or None where the stack switches made-up names off."""
    if request.HasField("autonaming"):
        options = request.autonaming
        return None if options.mode == options.DISABLE else options.proposed_name
    digits = hashlib.sha256(request.urn.encode() + request.randomSeed).hexdigest()[:8]
    return f"{request.name.lower()}-{digits}"


def _abort_not_ready(context: Message, problem: NotReady) -> NoReturn:
    """Tell the engine that the object exists but is not ready: it keeps it in its state and comes back to it."""
    detail = any_pb2.Any()
    detail.Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=problem.id, properties=encode(problem.properties), reasons=problem.reasons
        )
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(problem), details=[detail])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, str(problem))
    raise AssertionError("abort always raises")


def _drop(context: Message, fault: Fault) -> NoReturn:
    context.abort(grpc.StatusCode.UNAVAILABLE, fault.message or "connection reset by peer")
    raise AssertionError("abort always raises")
