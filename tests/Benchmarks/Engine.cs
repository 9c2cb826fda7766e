using System.Diagnostics;
using Agora.Benchmarks.Results;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Agora.Benchmarks;

/// <summary>
/// Sponsored runs without HTTP and without a database: what grains, steps and the committer cost alone. The journal keeps what was
/// written while the market was opened, and from then on only says that it has written.
/// </summary>
internal static class Engine
{
    private const int Sessions = 1_000;

    public static async Task<Measures> Run(Options options)
    {
        var lines = new List<(string, string, string)>();
        foreach (var campaigns in options.Number("campaigns", 0) is > 0 and var only ? [only] : new[] { Sessions, 1 })
        {
            lines.AddRange(await Measure(options, campaigns));
        }

        return Measures.Of([.. lines]);
    }

    private static async Task<IEnumerable<(string, string, string)>> Measure(Options options, int campaigns)
    {
        using var directory = new ScratchDirectory();
        var journal = new ForgetfulJournal(new MemoryJournal(TimeProvider.System));
        await using var product = await Product.Start(directory.Path, replace: services => services
            .AddSingleton<IJournal>(journal)
            .AddLogging(logging => logging.AddFilter("Agora", LogLevel.None))); // what is forgotten cannot be drained
        var runners = await Market.Open(product.Address, Sessions, campaigns);
        journal.Forgets = true;
        var entities = product.Services.GetRequiredService<IEntities>();
        await Load(entities, runners, campaigns, options.Number("warm-up", 10), options.Number("at-once", 500));

        var (cpu, allocated, batches) = (Process.GetCurrentProcess().TotalProcessorTime, GC.GetTotalAllocatedBytes(), journal.Batches);
        var started = Stopwatch.GetTimestamp();
        var done = await Load(entities, runners, campaigns, options.Number("seconds", 10), options.Number("at-once", 500));
        var took = Stopwatch.GetElapsedTime(started);
        return
        [
            ($"runs a second, {(campaigns == 1 ? "all on one campaign" : $"spread over {Report.Of(campaigns)} campaigns")}", Report.Of(done / took.TotalSeconds), ""),
            ("  CPU a run", $"{Report.Of((Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalMicroseconds / done, 1)} us", ""),
            ("  allocated a run", $"{Report.Of((GC.GetTotalAllocatedBytes() - allocated) / 1024.0 / done, 1)} KB", ""),
            ("  runs a batch", Report.Of(done / (double)(journal.Batches - batches), 1), ""),
        ];
    }

    private static async Task<long> Load(IEntities entities, IReadOnlyList<OpenSession> runners, int campaigns, int seconds, int atOnce)
    {
        var ends = Stopwatch.GetTimestamp() + (seconds * Stopwatch.Frequency);
        var done = await Task.WhenAll(Enumerable.Range(0, atOnce).Select(first => Task.Run(async () =>
        {
            var runs = 0L;
            for (var n = first; Stopwatch.GetTimestamp() < ends; n += atOnce, runs++)
            {
                var answer = await entities.Session(runners[n % Sessions].Id).Send(Command(n % Sessions % campaigns), new(Guid.CreateVersion7()));
                if (answer.Rejection is { } rejection) throw new InvalidOperationException(rejection.Message);
            }

            return runs;
        })));
        return done.Sum();
    }

    private static RunCommand.RunService Command(int campaign) => new(
        new("run_service", "POST /agent/services/{service_id}/run", $"service_id=service-{campaign}", new(10_000_000, 0)),
        $"service-{campaign}",
        new($"service-{campaign}", "text", 10_000, $"provider-{campaign}", null, false),
        new Personal("""{"text":"A text of the length that a short question has."}"""u8.ToArray()),
        "",
        null,
        true,
        null,
        [new Candidate($"campaign-{campaign}", "Acme", 1_000_000, null, null)],
        false);

    private sealed class ForgetfulJournal(IJournal inner) : DelegatingJournal(inner)
    {
        private long _batches;

        public bool Forgets { get; set; }

        public long Batches => Interlocked.Read(ref _batches);

        public override async Task<IReadOnlyList<AppendOutcome>> Append(IReadOnlyList<StreamAppend> batch, bool again, CancellationToken cancel)
        {
            if (!Forgets) return await base.Append(batch, again, cancel);

            // As long as a quick disk takes, so that batches fill as they do there.
            await Task.Delay(1, cancel);
            Interlocked.Increment(ref _batches);
            return [.. Enumerable.Repeat(AppendOutcome.Written, batch.Count)];
        }
    }
}
