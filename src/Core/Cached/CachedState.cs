using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Agora.Core.Kernel;
using Agora.Core.Responses;
using Agora.Core.Users;

namespace Agora.Core.Cached;

/// <param name="View">Null: nobody has asked, or what was asked for came to nothing.</param>
public sealed record CachedState(StreamId Stream, CachedView? View)
{
    /// <summary>Its user stands in its id.</summary>
    public string PersonalKey { get; } = UserState.PersonalKeyOf(Stream.Tenant, ResponseIds.UserOf(Stream.Id));

    public CachedState Evolve(CachedEvent happened, DateTimeOffset at) => happened switch
    {
        CachedEvent.Claimed e => this with { View = new(e.RunId, e.SessionId, at) },
        CachedEvent.Filled e => this with { View = View! with { FilledAt = at, CostMicros = e.CostMicros, Reply = e.Reply } },
        CachedEvent.Released => this with { View = null },
        _ => throw new UnreachableException(happened.GetType().Name),
    };
}

/// <summary>What makes two requests equal.</summary>
/// <param name="UserId">Whose session asks. A tenant's streams are its own besides.</param>
/// <param name="Agents">Those on the session's path, root first: who reads a reply again by its id, and nobody else.</param>
/// <param name="ModelId">The service.</param>
/// <param name="Version">Of its definition: what it costs, and by which rules it answers.</param>
public sealed record CacheKey(string UserId, string Agents, string ModelId, DateTimeOffset Version)
{
    /// <summary>The id of the entity. The request stands in it as a code that nobody makes who has no key: of what an erased user asked it says nothing.</summary>
    /// <param name="key">A secret of the installation's.</param>
    /// <param name="asked">All that the provider would be sent.</param>
    public string IdOf(byte[] key, ReadOnlySpan<byte> asked)
    {
        using var code = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        code.AppendData(Encoding.UTF8.GetBytes(string.Join('\n', Agents, ModelId, Version.UtcTicks)));
        code.AppendData("\n"u8);
        code.AppendData(asked);
        return ResponseIds.Of(new(code.GetHashAndReset().AsSpan(0, 16)), UserId);
    }
}
