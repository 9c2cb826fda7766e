using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Agora.Application.Values;
using Agora.Core.Kernel;
using Agora.Crypto;

namespace Agora.Web;

/// <summary>
/// Agents' own keys: <c>agk2_{live or test}_{tenant}.{agent id}.{256 random bits}.{HMAC-SHA256}</c>, the last two in base64url. The code is over all that
/// stands before it, under a key that follows from the token key (HKDF, RFC 5869), so every process of a cluster tells a forgery by arithmetic alone:
/// nothing is looked up for one, and no entity comes to life. Whether a key that was really issued still opens anything is its agent's stream to say.
/// <para>Keys of the old form, <c>agk_{agent id}.{256 random bits}</c>, have no code; they go on working until they are revoked. They are the default tenant's.</para>
/// </summary>
internal sealed class AgentKeys(ReadOnlyMemory<byte> tokenKey)
{
    private const string Prefix = "agk2_";
    private const string OldPrefix = "agk_";
    private const string Live = "live";
    private const string Test = "test";

    private readonly byte[] _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, tokenKey.ToArray(), HMACSHA256.HashSizeInBytes, info: "agora/agent-key-code/v1"u8.ToArray());

    /// <summary>It says in plain sight whether it is for tests, so that whoever finds one knows what it opens.</summary>
    public string New(Tenant tenant, string agentId)
    {
        var head = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{(tenant.IsTest ? Test : Live)}_{tenant.Name}.{agentId}.{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32))}");
        return $"{head}.{Code(head)}";
    }

    /// <summary>Whose key it is; null where it has not the form of one, or was never issued here.</summary>
    public ClaimedKey? Read(string text)
    {
        var last = text.LastIndexOf('.');
        if (last < 0) return null;

        // Ids may contain dots: parts that cannot are taken from both ends.
        if (text.StartsWith(OldPrefix, StringComparison.Ordinal))
        {
            return Id(text, OldPrefix.Length, last) is { } old ? new(Tenant.Default, old, IsProven: false) : null;
        }

        var head = text[..last];
        var start = head.StartsWith($"{Prefix}{Live}_", StringComparison.Ordinal) ? Prefix.Length + Live.Length + 1
            : head.StartsWith($"{Prefix}{Test}_", StringComparison.Ordinal) ? Prefix.Length + Test.Length + 1 : 0;
        var point = start > 0 ? head.IndexOf('.', start) : -1;
        return point > 0 && Tenant.Parse(head.AsSpan()[start..point]) is { } tenant
            && FixedTime.AreEqual(text[(last + 1)..], Code(head))
            && Id(head, point + 1, head.LastIndexOf('.')) is { } agentId ? new(tenant, agentId, IsProven: true) : null;
    }

    private static string? Id(string text, int from, int to) => to > from && DisplayText.IsId(text.AsSpan(from, to - from)) ? text[from..to] : null;

    private string Code(string head) => Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(head)));
}

/// <param name="IsProven">It was issued here; else it only says so.</param>
internal sealed record ClaimedKey(Tenant Tenant, string AgentId, bool IsProven);
