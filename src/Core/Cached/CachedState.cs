using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Core.Cached;

/// <param name="View">Null: nobody has asked, or what was asked for came to nothing.</param>
public sealed record CachedState(StreamId Stream, CachedView? View)
{
    /// <summary>Its user stands in its id.</summary>
    public string PersonalKey { get; } = UserState.PersonalKeyOf(Stream.Tenant, OwnedIds.UserOf(Stream.Id));

    public CachedState Evolve(CachedEvent happened, DateTimeOffset at) => happened switch
    {
        CachedEvent.Claimed e => this with { View = new(e.RunId, e.SessionId, at) },
        CachedEvent.Filled e => this with { View = View! with { FilledAt = at, CostMicros = e.CostMicros, Reply = e.Reply } },
        CachedEvent.Released => this with { View = null },
        _ => throw new UnreachableException(happened.GetType().Name),
    };
}

/// <summary>Ids of questions: equal requests have the same.</summary>
public static class CachedIds
{
    /// <summary>The request stands in it as a code that nobody makes who has no key: of what an erased user asked it says nothing.</summary>
    /// <param name="key">A secret of the installation's.</param>
    /// <param name="userId">Whose session asks. A tenant's streams are its own besides.</param>
    /// <param name="agents">Those on the session's path, root first: who reads a reply again by its id, and nobody else.</param>
    /// <param name="serviceId">A model, or another service.</param>
    /// <param name="version">Of its definition: what it costs, and by which rules it answers.</param>
    /// <param name="asked">All that would be sent.</param>
    public static string Of(byte[] key, string userId, string agents, string serviceId, DateTimeOffset version, ReadOnlySpan<byte> asked)
    {
        using var code = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        code.AppendData(Encoding.UTF8.GetBytes(string.Join('\n', agents, serviceId, version.UtcTicks)));
        code.AppendData("\n"u8);
        code.AppendData(asked);
        return OwnedIds.Of(new Guid(code.GetHashAndReset().AsSpan(0, 16)), userId);
    }
}
