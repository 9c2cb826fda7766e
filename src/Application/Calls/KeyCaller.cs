using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Application.Calls;

/// <summary>Who may open sessions: an agent by its own key, for itself only, and the holder of the platform key, who vouches for any agent and user.</summary>
/// <param name="Tenant">Whose entities it has to do with.</param>
/// <param name="Credential">Namespace of its idempotency keys.</param>
/// <param name="AgentId">The only agent it may speak for. Null for any.</param>
/// <param name="KeyId">What opens the session, so that its end ends the session.</param>
/// <param name="ExpiresAt">When the key ends, and whatever it opens. Null for never.</param>
/// <param name="AgentRevision">Of an agent's own key: the agent runs, as its stream said.</param>
/// <param name="UserId">The only user for whom the key opens sessions. Null for any.</param>
internal sealed record KeyHolder(Tenant Tenant, string Credential, string? AgentId, string KeyId, DateTimeOffset? ExpiresAt = null, long AgentRevision = 0, string? UserId = null)
{
    public bool Vouches => AgentId is null;

    /// <summary>Of a setting: whether its agent runs has yet to be looked up.</summary>
    public bool IsSet => KeyId is Openers.Platform or Openers.Gpt;
}

/// <summary>A call of a key's holder, by whichever door.</summary>
/// <param name="Context">Id, idempotency key and trace of the call's command. A repeat of a call with a key has the same id.</param>
/// <param name="Rate">The rate of requests of the session that is asked for.</param>
internal sealed record KeyCaller(KeyHolder Holder, CommandContext Context, RateRule Rate)
{
    /// <summary>Why the call cannot be read, or what is wrong with its content. Null if nothing is.</summary>
    public Rejection? Wrong { get; init; }

    /// <summary>Looks again why the key opens nothing any more. The result is null if it still opens sessions.</summary>
    public required Func<Task<Rejection?>> Look { get; init; }

    public Tenant Tenant => Holder.Tenant;
}
