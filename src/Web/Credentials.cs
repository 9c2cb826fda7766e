using System.Security.Cryptography;
using System.Text;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Crypto.Tokens;
using Microsoft.Extensions.Primitives;

namespace Agora.Web;

/// <summary>An operator's or a platform's key as the process knows it: whose entities it opens, a name for the audit, and the SHA-256 of the key's text; of an operator what may be done with it.</summary>
/// <param name="Owner">Of a sponsor or a principal: by which campaigns and agents know it.</param>
public sealed record AccessKey(Tenant Tenant, string Name, ReadOnlyMemory<byte> Hash, Role Roles = Role.Admin, string? Owner = null)
{
    public static AccessKey Of(Tenant tenant, string name, string key, Role roles = Role.Admin, string? owner = null) => new(tenant, name, Credentials.Hash(key), roles, owner);

    internal Actor Actor => new(Tenant, Name, Roles, Owner);
}

/// <summary>Who operates a tenant, however it was shown.</summary>
/// <param name="Name">For the audit, and the namespace of idempotency keys.</param>
/// <param name="OwnerName">How a token's issuer names the owner, after its prefix. Null if the owner's id is that name.</param>
internal sealed record Actor(Tenant Tenant, string Name, Role Roles, string? Owner, string? OwnerName = null);

/// <summary>Bearer credentials. Only hashes are compared, in constant time: neither length nor content leaks through timing.</summary>
public static class Credentials
{
    private const string BearerPrefix = "Bearer ";
    private static readonly int MaxLength = BearerPrefix.Length + SignedToken.MostCharacters;

    public static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    /// <summary>As <c>AgentCommand</c> knows a key.</summary>
    internal static string HexHash(string key) => Convert.ToHexStringLower(Hash(key));

    /// <summary>The one bearer credential of a request; empty where there is none, or more than one.</summary>
    internal static ReadOnlySpan<char> Bearer(StringValues authorization) =>
        authorization is [{ } value] && value.Length <= MaxLength && value.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase) ? value.AsSpan(BearerPrefix.Length) : [];

    private static bool IsKey(string presented, ReadOnlyMemory<byte> hash) => CryptographicOperations.FixedTimeEquals(Hash(presented), hash.Span);

    /// <summary>Compares with every key, so that the time says nothing about which one matched.</summary>
    internal static AccessKey? Find(string presented, IReadOnlyList<AccessKey> keys)
    {
        AccessKey? found = null;
        if (presented.Length > 0)
        {
            foreach (var key in keys)
            {
                found = IsKey(presented, key.Hash) ? key : found;
            }
        }

        return found;
    }

    /// <summary>May be a try at an operator's or the platform's key. Agents' tokens and keys are none: their forms are ours, with 256 bits that we drew.</summary>
    internal static bool IsGuess(string presented) =>
        presented.Length > 0 && !presented.StartsWith("agt_", StringComparison.Ordinal) && !presented.StartsWith("agk", StringComparison.Ordinal);
}
