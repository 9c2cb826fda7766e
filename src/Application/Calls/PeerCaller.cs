using Agora.Application.Language;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Sessions;

namespace Agora.Application.Calls;

/// <summary>An agent that asks something of others, by whichever door: with a key of its own, or within its session.</summary>
/// <param name="AgentId">Who asks.</param>
/// <param name="Context">Id, idempotency key and trace of the call's command. A repeat of a call with a key has the same id.</param>
internal sealed record PeerCaller(Tenant Tenant, string AgentId, CommandContext Context)
{
    /// <summary>The session of the call, as it was when it admitted the call. Null if the call came with a key.</summary>
    public SessionView? Session { get; init; }

    /// <summary>The call as its session sees it. Null if the call came with a key.</summary>
    public AgentCaller? Within { get; init; }

    /// <summary>Why the call cannot be read, or what is wrong with its content. Null if nothing is.</summary>
    public Rejection? Wrong { get; init; }

    /// <summary>The place of the call among calls that came in order. Null if it came alone.</summary>
    public InOrder? Turn { get; init; }

    /// <summary>The language of what the caller is shown. Null if it is English.</summary>
    public Words? Words { get; init; }

    /// <summary>Sends a command after those of the calls that came before this one.</summary>
    public Task<T> InTurn<T>(Func<Task<T>> send) => Turn is { } turn ? turn.Send(send) : send();
}
