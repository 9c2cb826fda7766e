using System.Buffers;

namespace Agora.Models.Dialects;

/// <summary>
/// How a client speaks: requests are read, replies, streams and errors written, each in the shapes that the maker's own SDK knows. Stateless and thread-safe.
/// </summary>
public interface IDialect
{
    /// <summary>All of a request, or why it is none that is taken. A member that this dialect does not know is refused by its name: it may cost money, or mean what is then not done.</summary>
    /// <exception cref="DialectException">It is refused; the fault says why, in words for the client.</exception>
    ModelRequest Read(ReadOnlyMemory<byte> body);

    /// <summary>The whole reply, as JSON.</summary>
    void Write(ModelRequest request, ReplyHead head, ModelReply reply, IBufferWriter<byte> into);

    /// <summary>A new one for each stream.</summary>
    IReplyStream Stream(ModelRequest request, ReplyHead head);

    /// <summary>The body of an error, as JSON.</summary>
    void WriteError(DialectFault fault, IBufferWriter<byte> into);

    /// <summary>How an error of this kind is answered: the dialect's own status.</summary>
    int StatusOf(DialectErrorKind kind);
}

/// <summary>Writes a stream of server-sent events, each whole. Not thread-safe.</summary>
public interface IReplyStream
{
    /// <summary>What the dialect says before anything came of the provider, if it says anything then.</summary>
    void Begin(IBufferWriter<byte> into);

    /// <summary>Usage, tier and end are kept, and written by <see cref="End"/>: it follows when what was spent is durable.</summary>
    void Write(ModelEvent said, IBufferWriter<byte> into);

    /// <summary>The last events.</summary>
    void End(ModelReply reply, IBufferWriter<byte> into);

    /// <summary>It was cut off, or failed, after it had begun: what the dialect says then. Nothing that was said is said again.</summary>
    void Fail(DialectFault fault, ModelReply soFar, IBufferWriter<byte> into);

    /// <summary>Says nothing, and keeps connections open.</summary>
    void Ping(IBufferWriter<byte> into);
}

/// <summary>What a reply says of itself.</summary>
/// <param name="Id">Without the dialect's own prefix.</param>
/// <param name="Model">As the client asked for it.</param>
public sealed record ReplyHead(string Id, string Model, DateTimeOffset CreatedAt);

public enum DialectErrorKind
{
    InvalidRequest = 1,
    Unauthenticated = 2,
    Forbidden = 3,
    NotFound = 4,
    TooLarge = 5,
    RateLimited = 6,

    /// <summary>The budget, or another limit of money or tokens, has no room.</summary>
    BudgetExceeded = 7,
    Conflict = 8,

    /// <summary>A defect of this server.</summary>
    Failed = 9,
    Overloaded = 10,
    Timeout = 11,

    /// <summary>The provider failed, or its reply cannot be read.</summary>
    UpstreamFailed = 12,
}

/// <param name="Code">One of Agora's own codes, or the dialect's.</param>
/// <param name="Param">The member that it is about.</param>
/// <param name="Facts">Numbers and words that a program goes on by, beside the message; the values are JSON text.</param>
public sealed record DialectFault(DialectErrorKind Kind, string Code, string Message, string? Param = null, IReadOnlyList<(string Name, string Json)>? Facts = null);

/// <summary>A request is refused.</summary>
public sealed class DialectException(DialectFault fault) : Exception(fault.Message)
{
    public DialectFault Fault { get; } = fault;

    public static DialectException Invalid(string param, string message) => new(new(DialectErrorKind.InvalidRequest, "invalid_request", message, param));
}
