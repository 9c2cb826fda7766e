using System.Security.Cryptography;
using System.Text;
using Agora.Application.Operations;
using Agora.Core.Kernel;

namespace Agora.Web;

/// <summary>The Idempotency-Key header: 1 to 255 visible ASCII characters, in the namespace of tenant and credential.</summary>
internal static class IdempotencyKeys
{
    public const string Header = "Idempotency-Key";

    public static string? Read(Request request, bool required, Findings findings)
    {
        var values = request.Header(Header);
        if (values.Count == 0)
        {
            if (required)
            {
                findings.Violate(Header, "required", "This route moves money: it needs an Idempotency-Key header.");
            }

            return null;
        }

        if (values is [{ Length: > 0 and <= Limits.IdempotencyKeyLength } key] && !key.AsSpan().ContainsAnyExceptInRange('!', '~')) return key;

        findings.Malform("Idempotency-Key is 1 to 255 visible ASCII characters, once.");
        return null;
    }

    /// <summary>Of method, path and body as received: the same key for anything else is a conflict.</summary>
    public static string BodyHash(Request request, ReadOnlyMemory<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method}\n{request.Path}\n"));
        hash.AppendData(body.Span);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
