using System.Diagnostics;
using Agora.Benchmarks.Results;
using Agora.Contracts;
using Agora.Embedded;
using Orleans;

namespace Agora.Benchmarks;

/// <summary>Trivial calls to many grains, a few callers a core: what the engine itself costs.</summary>
internal static class Calls
{
    public static async Task<Measures> Run(Options options)
    {
        var (seconds, grains, callers) = (options.Number("seconds", 5), options.Number("grains", 1_000), options.Number("callers", 64));
        await using var engine = new GrainEngine().Register<ISessionGrain, EchoGrain>(() => new());
        var targets = Enumerable.Range(0, grains).Select(n => engine.Grains.GetGrain<ISessionGrain>($"default/session/{n}")).ToArray();
        await Count(targets, callers, TimeSpan.FromSeconds(2));

        var started = Stopwatch.GetTimestamp();
        var allocated = GC.GetTotalAllocatedBytes();
        var calls = await Count(targets, callers, TimeSpan.FromSeconds(seconds));
        var took = Stopwatch.GetElapsedTime(started);

        return Measures.Of(("calls a second", Report.Of(calls / took.TotalSeconds), "goal 1,000,000 on two cores"),
            ("allocated a call", $"{Report.Of((GC.GetTotalAllocatedBytes() - allocated) / (double)calls)} B", ""));
    }

    private static async Task<long> Count(ISessionGrain[] targets, int callers, TimeSpan time)
    {
        var ends = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        return (await Task.WhenAll(Enumerable.Range(0, callers).Select(n => Task.Run(() => Call(targets, n, ends))))).Sum();
    }

    private static async Task<long> Call(ISessionGrain[] targets, int caller, long ends)
    {
        var envelope = new Envelope(Guid.CreateVersion7(), null, "hello");
        var calls = 0L;
        while (calls % 64 != 0 || Stopwatch.GetTimestamp() < ends)
        {
            await targets[(int)(((caller * 31) + calls) % targets.Length)].Send(envelope);
            calls++;
        }

        return calls;
    }

    private sealed class EchoGrain : Grain, ISessionGrain
    {
        public Task<Envelope> Send(Envelope envelope) => Task.FromResult(envelope);
    }
}
