using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Agora.Core.Kernel;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Http;

/// <summary>An operator's key as the process knows it: a name for the audit, and the SHA-256 of the key's text.</summary>
public sealed record AdminKey(string Name, ReadOnlyMemory<byte> Hash)
{
    public static AdminKey Of(string name, string key) => new(name, Credentials.Hash(key));
}

/// <summary>Bearer credentials. Only hashes are compared, in constant time: neither length nor content leaks through timing.</summary>
public static class Credentials
{
    private const string AgentKeyPrefix = "agk_";
    private const string BearerPrefix = "Bearer ";
    private static readonly int MaxLength = BearerPrefix.Length + Limits.AccessKeyLengthMost;

    public static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    /// <summary>As <c>AgentCommand</c> knows a key.</summary>
    internal static string HexHash(string key) => Convert.ToHexStringLower(Hash(key));

    /// <summary>The one bearer credential of the request; empty where there is none, or more than one.</summary>
    internal static ReadOnlySpan<char> Bearer(HttpRequest request)
    {
        var values = request.Headers.Authorization;
        return values is [{ } value] && value.Length <= MaxLength && value.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase) ? value.AsSpan(BearerPrefix.Length) : [];
    }

    internal static bool IsKey(string presented, ReadOnlyMemory<byte> hash) => CryptographicOperations.FixedTimeEquals(Hash(presented), hash.Span);

    /// <summary>Compares with every key, so that the time says nothing about which one matched.</summary>
    internal static string? Operator(string presented, IReadOnlyList<AdminKey> keys)
    {
        string? name = null;
        if (presented.Length > 0)
        {
            foreach (var key in keys)
            {
                name = IsKey(presented, key.Hash) ? key.Name : name;
            }
        }

        return name;
    }

    /// <summary>
    /// A new key for an agent, <c>agk_{agent id}.{256 random bits}</c>. It names its agent so that the credential can be checked
    /// before the body is read: authentication comes first in the order of refusals.
    /// </summary>
    internal static string NewAgentKey(string agentId) => $"{AgentKeyPrefix}{agentId}.{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32))}";

    /// <summary>May be a try at an operator's or the platform's key. Agents' tokens and keys are none: their forms are ours, with 256 bits that we drew.</summary>
    internal static bool IsGuess(string presented) =>
        presented.Length > 0 && !presented.StartsWith("agt_", StringComparison.Ordinal) && !presented.StartsWith("agk", StringComparison.Ordinal);

    /// <summary>The agent that a key claims to be of; null when it has not the form of a key.</summary>
    internal static string? AgentOf(string key)
    {
        var end = key.LastIndexOf('.');
        return key.StartsWith(AgentKeyPrefix, StringComparison.Ordinal) && end > AgentKeyPrefix.Length && DisplayText.IsId(key.AsSpan(AgentKeyPrefix.Length, end - AgentKeyPrefix.Length))
            ? key[AgentKeyPrefix.Length..end]
            : null;
    }
}
