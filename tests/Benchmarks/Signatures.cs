using System.Diagnostics;
using System.Net.Http.Headers;
using Agora.Benchmarks.Results;
using Agora.Crypto;
using Agora.Crypto.Http;
using Agora.Journal.Memory;
using Agora.Proof.Calls;
using Agora.Proof.Keys;

namespace Agora.Benchmarks;

/// <summary>What a service's call costs more because it is signed: digest of the body, what is signed, Ed25519. On one core, without the call.</summary>
internal static class Signatures
{
    // About what is signed of a request.
    private const int SignedBytes = 300;

    public static async Task<Measures> Run(Options options)
    {
        var seconds = options.Number("seconds", 3);
        using var keys = new SigningKeys(new MemoryJournal(TimeProvider.System), new byte[32], TimeProvider.System);
        await keys.Load(mayMake: true, CancellationToken.None);
        var signer = new CallSigner(keys, TimeProvider.System);
        var small = await Cost(signer, new byte[options.Number("bytes", 1_000)], seconds);
        var large = await Cost(signer, new byte[options.Number("large-bytes", 64_000)], seconds);
        return Measures.Of([("signing a call of 1,000 bytes", $"{Report.Of(small.Micros)} µs", ""),
            ("allocated for it", $"{Report.Of(small.Bytes)} B", ""),
            ("signing a call of 64,000 bytes", $"{Report.Of(large.Micros)} µs", ""),
            .. Verifying(options, seconds)]);
    }

    /// <summary>A request's whole verification (fields, what is signed, Ed25519, digest of its body), beside Ed25519 alone on the same core.</summary>
    private static IReadOnlyList<(string, string, string)> Verifying(Options options, int seconds)
    {
        using var key = new Ed25519PrivateKey(new byte[Ed25519.SeedBytes]);
        var (jwk, now, body) = (new Jwk(key.PublicKey), DateTimeOffset.UtcNow, new byte[options.Number("bytes", 1_000)]);
        var fields = new Dictionary<string, string>(StringComparer.Ordinal) { ["content-digest"] = ContentDigest.Of(body), ["content-type"] = "application/json" };
        var message = HttpMessage.To("POST", new("https://agora.example/conversations?x=1"), name => fields.TryGetValue(name, out var value) ? [value] : []);
        string[] covered = ["@method", "@target-uri", "content-digest", "content-type"];
        (fields["signature-input"], fields["signature"]) = HttpSignature.Sign(message, new(covered, now, jwk.KeyId, "bm9uY2Utb2YtMTYtYnl0ZXM", "agora-request"), "sig", key);
        var policy = new SignaturePolicy(covered, "agora-request");

        var whole = Rate(seconds, () =>
        {
            if (HttpSignature.Verify(message, body, policy, _ => jwk, now).Fault is { } fault) throw new InvalidOperationException(fault.ToString());
        });
        var (verifier, signed) = (new Ed25519PublicKey(key.PublicKey.Span), new byte[SignedBytes]);
        var signature = key.Sign(signed);
        var alone = Rate(seconds, () =>
        {
            if (!verifier.Verify(signed, signature)) throw new InvalidOperationException("It does not verify.");
        });
        return [("requests verified a second", Report.Of(whole), ""),
            ("verifications a second of Ed25519 alone", Report.Of(alone), ""),
            ("of the rate of Ed25519 alone", $"{Report.Of(100 * whole / alone)} %", "80 % or more")];
    }

    /// <summary>How often a second of the processor's time, not the clock's: another process on the core must not count.</summary>
    private static double Rate(int seconds, Action act)
    {
        var (count, used) = (0L, Environment.CpuUsage.TotalTime);
        for (var ends = Stopwatch.GetTimestamp() + (seconds * Stopwatch.Frequency); Stopwatch.GetTimestamp() < ends; count++)
        {
            act();
        }

        return count / (Environment.CpuUsage.TotalTime - used).TotalSeconds;
    }

    private static async Task<(double Micros, double Bytes)> Cost(CallSigner signer, byte[] body, int seconds)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "https://service.example/run?x=1") { Content = content };
        request.Headers.Add("Idempotency-Key", Guid.CreateVersion7().ToString("D"));
        await Count(signer, request, body, 1);

        var (started, allocated) = (Stopwatch.GetTimestamp(), GC.GetTotalAllocatedBytes());
        var count = await Count(signer, request, body, seconds);
        return (Stopwatch.GetElapsedTime(started).TotalMicroseconds / count, (GC.GetTotalAllocatedBytes() - allocated) / (double)count);
    }

    private static async Task<long> Count(CallSigner signer, HttpRequestMessage request, ReadOnlyMemory<byte> body, int seconds)
    {
        var count = 0L;
        for (var ends = Stopwatch.GetTimestamp() + (seconds * Stopwatch.Frequency); Stopwatch.GetTimestamp() < ends; count++)
        {
            if (await signer.Sign(request, body, CancellationToken.None) is null) throw new InvalidOperationException("There is no key.");
        }

        return count;
    }
}
