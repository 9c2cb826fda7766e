using Agora.Application.Calls;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Agents;
using Agora.Core.Clocks;
using Agora.Core.Kernel;
using Agora.Core.Users;
using Agora.Grains.Clocks;
using Agora.Web.Identity;

namespace Agora.Web;

/// <summary>Whoever may open sessions: an agent by its own key, for itself only, and the holder of the platform key, who vouches for any agent and user.</summary>
/// <param name="Tenant">Whose entities it has to do with.</param>
/// <param name="Credential">Namespace of its idempotency keys.</param>
/// <param name="AgentId">The only agent it may speak for; null: any.</param>
/// <param name="KeyId">What opens the session, so that its end ends the session.</param>
/// <param name="ExpiresAt">When the key ends, and whatever it opens; null: never.</param>
/// <param name="AgentRevision">Of an agent's own key: the agent runs, as its stream said.</param>
/// <param name="UserId">The only user for whom the key opens sessions; null: any.</param>
internal sealed record KeyHolder(Tenant Tenant, string Credential, string? AgentId, string KeyId, DateTimeOffset? ExpiresAt = null, long AgentRevision = 0, string? UserId = null)
{
    public bool Vouches => AgentId is null;

    /// <summary>Of a setting: whether its agent runs has yet to be looked up.</summary>
    public bool IsSet => KeyId is Openers.Platform or Openers.Gpt;
}

/// <summary>An agent's own key, as it was presented.</summary>
/// <param name="Hash">As its agent knows it.</param>
internal sealed record OwnKey(ClaimedKey Claimed, string Hash);

/// <summary>Knows holders of keys by what they present.</summary>
internal sealed class KeyHolders(IEntities entities, AgentKeys keys, Identities identities, StoredAgents stored, ApiOptions options, TenantTimes times)
{
    public static readonly RequiredCredential Required = new("An agent's key is required: Authorization: Bearer …");
    private static readonly Rejection TooManyOldKeys = new(Codes.Unavailable, "Too many keys of the old form are being looked up; try again, or have a new key issued.", RetryAfterSeconds: 1, Retry: true);

    /// <summary>A key that cannot be one of ours dies here; what an unproven one claims is looked up before anything comes to life for it.</summary>
    public async Task<(KeyHolder? Holder, Rejection? Refused)> Identify(string presented, CancellationToken cancel)
    {
        if (Credentials.Find(presented, options.PlatformKeys) is { } platform)
        {
            return (new((await times.Current(platform.Tenant))!, NamespaceOf(platform), null, Openers.Platform), null); // settings name no generation, so it is that of now
        }

        if (identities.IsToken(presented))
        {
            var (issuer, claims, refused) = await identities.Identify(presented, TokenHolders.Platforms);
            return issuer is null ? (null, refused) : (new(issuer.Tenant, $"{Openers.Platform}:{TokenRules.NameOf(issuer, claims)}", null, Openers.Platform), null);
        }

        return keys.Read(presented) is { } claimed ? await Identify(new OwnKey(claimed, Credentials.HexHash(presented)), cancel) : (null, Required.For(presented));
    }

    /// <summary>An agent's own key whose code is right, so that whoever presents it again and again need not have it read each time. Null: it is none.</summary>
    public OwnKey? Own(string presented) => keys.Read(presented) is { IsProven: true } claimed ? new(claimed, Credentials.HexHash(presented)) : null;

    /// <summary>Whether its agent knows the key, and it opens anything now.</summary>
    public async Task<(KeyHolder? Holder, Rejection? Refused)> Identify(OwnKey own, CancellationToken cancel)
    {
        var claimed = own.Claimed;
        if (await times.Current(claimed.Tenant) is null) return (null, ClockRejection.Over);

        if (!claimed.IsProven && await stored.IsKnown(claimed.Tenant, claimed.AgentId, cancel) is not true and var known)
        {
            return (null, known is null ? TooManyOldKeys : Required.For(own.Hash));
        }

        var context = Commands.Fresh(times.Of(claimed.Tenant));
        var answer = await entities.In(claimed.Tenant).Agent(claimed.AgentId).Send(new AgentCommand.VerifyKey(own.Hash), context, cancel);
        return answer.Reply is KeyAccepted key
            ? (new(claimed.Tenant, $"agent:{claimed.AgentId}:{key.KeyId}", claimed.AgentId, key.KeyId, key.ExpiresAt, key.Revision, key.UserId), null)
            : (null, answer.Rejection!.Code == Codes.Unauthorized ? Required.For(own.Hash) : answer.Rejection);
    }

    /// <summary>Holders of one tenant's keys are told apart as operators are, by the keys' names. AGENT_API_KEY is called "platform", and what is stored under that alone is its own.</summary>
    private static string NamespaceOf(AccessKey platform) => platform.Name == Openers.Platform ? Openers.Platform : $"{Openers.Platform}:{platform.Name}";
}
