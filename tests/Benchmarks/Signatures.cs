using System.Diagnostics;
using System.Net.Http.Headers;
using Agora.Journal.Memory;
using Agora.Proof.Calls;
using Agora.Proof.Keys;

namespace Agora.Benchmarks;

/// <summary>What a service's call costs more because it is signed: digest of the body, what is signed, Ed25519. On one core, without the call.</summary>
internal static class Signatures
{
    public static async Task Run(Options options)
    {
        var seconds = options.Number("seconds", 3);
        using var keys = new SigningKeys(new MemoryJournal(TimeProvider.System), new byte[32], TimeProvider.System);
        await keys.Load(mayMake: true, CancellationToken.None);
        var signer = new CallSigner(keys, TimeProvider.System);
        var small = await Cost(signer, new byte[options.Number("bytes", 1_000)], seconds);
        var large = await Cost(signer, new byte[options.Number("large-bytes", 64_000)], seconds);
        Report.Print(
            "signatures",
            options,
            ("signing a call of 1,000 bytes", $"{Report.Of(small.Micros)} µs", ""),
            ("allocated for it", $"{Report.Of(small.Bytes)} B", ""),
            ("signing a call of 64,000 bytes", $"{Report.Of(large.Micros)} µs", ""));
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
