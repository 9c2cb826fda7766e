using System.Text.Json;
using Agora.Benchmarks.Load;
using Agora.Benchmarks.Postgres;
using Agora.Benchmarks.Servers;

namespace Agora.Benchmarks.SideBySide;

/// <summary>One of those that are compared. It does its work for some seconds, as often as it is told.</summary>
/// <param name="Name">By which <c>--only</c> picks it.</param>
/// <param name="What">For people.</param>
/// <param name="Server">What is measured; null where there is nothing but PostgreSQL.</param>
/// <param name="Service">Another process that does a part of the work.</param>
internal abstract record Subject(string Name, string What, IServer? Server = null, Child? Service = null)
{
    /// <summary>Warms up, then measures with the same connections.</summary>
    public abstract Task<Measurement> Measure(Meter meter, int warmUp, int seconds);
}

/// <summary>A server that is asked over HTTP, by a generator in a process of its own.</summary>
/// <param name="RequestsPerSecond">0: the next request leaves when one is answered.</param>
internal sealed record HttpSubject(string Name, string What, IServer Asked, string RequestFile, int Connections, Child? Service = null, int RequestsPerSecond = 0) : Subject(Name, What, Asked, Service)
{
    public override async Task<Measurement> Measure(Meter meter, int warmUp, int seconds)
    {
        await using var load = Load();
        var warm = await Run(load, warmUp);
        var before = await meter.Read(this);
        var seen = await Run(load, seconds);
        var used = await meter.Read(this) - before;
        return new(seen.Answers, warm.Answers, seen.Seconds, used with { Load = TimeSpan.FromMicroseconds(seen.CpuMicros) }, Histogram.Restore(seen.Latencies), null, seen.BodyBytes);
    }

    /// <summary>The generator, which keeps its connections until it is disposed of.</summary>
    public Child Load() =>
        Child.Start("load", "--ports", string.Join(',', Asked.Addresses.Select(a => a.Port)), "--connections", $"{Connections}", "--rate", $"{RequestsPerSecond}", "--requests", RequestFile);

    /// <exception cref="InvalidOperationException">An answer was not as it must be.</exception>
    public async Task<LoadResult> Run(Child load, int seconds)
    {
        var seen = JsonSerializer.Deserialize<LoadResult>(await load.Ask($"run {seconds}"))!;
        var refused = seen.Statuses.Where(s => s.Key != 200).ToList();
        return refused.Count == 0 && seen.Wrong == 0 && (seen.Looked > 0 || seconds == 0)
            ? seen
            : throw new InvalidOperationException($"{Name}: not every answer was right. Not 200: {string.Join(", ", refused)}; {seen.Wrong} wrong of {seen.Looked} that were looked at.{(seen.Refused is { } first ? $" The first refused, {first}" : "")}");
    }
}

/// <summary>The plain design's statements by pgbench. It tells its mean latency only, and the processes it ran in are its cost as a load.</summary>
internal sealed record PgbenchSubject(string Name, string What, int Port, string Database, string Script) : Subject(Name, What)
{
    public override async Task<Measurement> Measure(Meter meter, int warmUp, int seconds)
    {
        var warm = await Pgbench.Run(Port, Database, Script, warmUp);
        var (before, ended) = (await meter.Read(this), ProcessTimes.OfEndedChildren());
        var (rate, runs, mean) = await Pgbench.Run(Port, Database, Script, seconds);
        var used = await meter.Read(this) - before;
        return runs == 0 ? throw new InvalidOperationException($"{Name}: nothing was done.") : new(runs, warm.Runs, runs / rate, used with { Load = ProcessTimes.OfEndedChildren() - ended }, null, mean, 0);
    }
}
