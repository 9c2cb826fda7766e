using System.Diagnostics;
using Agora.Benchmarks.Results;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.TestEngine;

namespace Agora.Benchmarks;

/// <summary>Trivial calls to many entities, a few callers a core: what the engine itself costs.</summary>
internal static class Calls
{
    public static async Task<Measures> Run(Options options)
    {
        var (seconds, grains, callers) = (options.Number("seconds", 5), options.Number("grains", 1_000), options.Number("callers", 64));
        await using var engine = new GrainEngine().Register(Kinds.Session, _ => new Echo());
        var targets = Enumerable.Range(0, grains).Select(n => StreamId.Session($"{n}")).ToArray();
        await Count(engine, targets, callers, TimeSpan.FromSeconds(2));

        var started = Stopwatch.GetTimestamp();
        var allocated = GC.GetTotalAllocatedBytes();
        var calls = await Count(engine, targets, callers, TimeSpan.FromSeconds(seconds));
        var took = Stopwatch.GetElapsedTime(started);

        return Measures.Of(("calls a second", Report.Of(calls / took.TotalSeconds), "goal 1,000,000 on two cores"),
            ("allocated a call", $"{Report.Of((GC.GetTotalAllocatedBytes() - allocated) / (double)calls)} B", ""));
    }

    private static async Task<long> Count(GrainEngine engine, StreamId[] targets, int callers, TimeSpan time)
    {
        var ends = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        return (await Task.WhenAll(Enumerable.Range(0, callers).Select(n => Task.Run(() => Call(engine, targets, n, ends))))).Sum();
    }

    private static async Task<long> Call(GrainEngine engine, StreamId[] targets, int caller, long ends)
    {
        var envelope = new Envelope(Guid.CreateVersion7(), null, "hello");
        var calls = 0L;
        while (calls % 64 != 0 || Stopwatch.GetTimestamp() < ends)
        {
            await engine.Send(targets[(int)(((caller * 31) + calls) % targets.Length)], envelope);
            calls++;
        }

        return calls;
    }

    private sealed class Echo : EntityActivation
    {
        public override void Receive(Envelope envelope, IReply reply) => reply.Answered(envelope.Body);
    }
}
