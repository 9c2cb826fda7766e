using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Agora.Crypto;

namespace Agora.Api.Desk;

/// <summary>Codes of a second factor: TOTP of RFC 6238 as authenticator apps have it, that is SHA-1, steps of 30 s and six digits.</summary>
internal static class Totp
{
    public const int SecretBytes = 20; // RFC 4226 section 4 recommends 160 bits
    private const int StepSeconds = 30;
    private const int Digits = 6;
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>One step before and after the one of now are taken as well, for clocks differ (RFC 6238 section 5.2).</summary>
    /// <param name="after">No step up to this one counts: it was used.</param>
    /// <returns>The step whose code it is; null: it is none.</returns>
    public static long? StepOf(string code, ReadOnlySpan<byte> secret, DateTimeOffset now, long after = 0)
    {
        var current = now.ToUnixTimeSeconds() / StepSeconds;
        long? found = null;
        for (var step = current - 1; step <= current + 1; step++)
        {
            if (step > after && FixedTime.AreEqual(code, CodeOf(step, secret)))
            {
                found = step;
            }
        }

        return found;
    }

    public static string CodeAt(DateTimeOffset now, ReadOnlySpan<byte> secret) => CodeOf(now.ToUnixTimeSeconds() / StepSeconds, secret);

    /// <summary>RFC 4648 section 6, without padding: what people type into an app.</summary>
    public static string Text(ReadOnlySpan<byte> secret)
    {
        var (text, bits, left) = (new StringBuilder(), 0, 0);
        foreach (var one in secret)
        {
            (bits, left) = ((bits << 8 | one) & 0xfff, left + 8);
            for (; left >= 5; left -= 5)
            {
                text.Append(Base32[bits >> (left - 5) & 31]);
            }
        }

        return left == 0 ? text.ToString() : text.Append(Base32[bits << (5 - left) & 31]).ToString();
    }

    /// <returns>Null: it is no secret of ours.</returns>
    public static byte[]? Read(string text)
    {
        var (secret, bits, left) = (new List<byte>(SecretBytes), 0, 0);
        foreach (var letter in text)
        {
            var value = Base32.IndexOf(letter, StringComparison.Ordinal);
            if (value < 0) return null;

            (bits, left) = ((bits << 5 | value) & 0xfff, left + 5);
            if (left < 8) continue;

            left -= 8;
            secret.Add((byte)(bits >> left & 0xff));
        }

        return secret.Count == SecretBytes ? [.. secret] : null;
    }

    /// <summary>RFC 4226 section 5.3.</summary>
    private static string CodeOf(long step, ReadOnlySpan<byte> secret)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)], hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
#pragma warning disable CA5350 // RFC 6238 says SHA-1, and authenticator apps know no other; HMAC does not rest on collisions
        HMACSHA1.HashData(secret, counter, hash);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadUInt32BigEndian(hash[(hash[^1] & 0xf)..]) & 0x7fffffff;
        return (number % 1_000_000).ToString(CultureInfo.InvariantCulture).PadLeft(Digits, '0');
    }
}
