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
