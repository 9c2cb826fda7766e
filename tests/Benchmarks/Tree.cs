using System.Diagnostics;
using Agora.Benchmarks.Postgres;
using Agora.Benchmarks.Results;
using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Benchmarks;

/// <summary>
/// Runs of sub-sessions on PostgreSQL, by grain calls: each is held on, and posted to, its own budget, the session above, the grant and
/// the day of one user whom all share, and one campaign pays for all. A run is counted when its answer is durable.
/// </summary>
internal static class Tree
{
    private const string User = "user-1";
    private const string Service = "summary";
    private const string Campaign = "hot";
    private const int AtOnce = 64;
    private static readonly Scopes All = new(["*"], ["*"], ["*"], ["*"]);
    private static readonly RequestedScopes AsGranted = new(null, null, null, null);
    private static readonly SessionPolicy Policy = new(10_000_000, 0);
    private static readonly ServiceTerms Terms = new(Service, "text", Money.MicrosPerCent, "provider-1", null, false);
    private static readonly Candidate Sponsor = new(Campaign, "Acme", 100_000_000, null, null);
    private static readonly Personal Input = Personal.Of(new { text = "A text." });

    public static async Task<Measures> Run(Options options)
    {
        var (sessions, below, time) = (options.Number("sessions", 16), options.Number("below", 15), TimeSpan.FromSeconds(options.Number("seconds", 10)));
        await using var database = new Database();
        using var directory = new ScratchDirectory();
        await using var product = await Product.Start(directory.Path, database.Create("tree"), counts: true);
        var entities = product.Services.GetRequiredService<IEntities>();
        await Put(entities);
        var leaves = await Open(entities, sessions, below);
        await Count(entities, leaves, TimeSpan.FromSeconds(options.Number("warm-up", 8)));
        await database.Checkpoint();

        var (rows, commits, cpu) = (product.Journal.Rows.Values.Sum(), product.Journal.Commits, Process.GetCurrentProcess().TotalProcessorTime);
        var started = Stopwatch.GetTimestamp();
        var runs = await Count(entities, leaves, time);
        var took = Stopwatch.GetElapsedTime(started);

        cpu = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        await Check(entities);
        return Measures.Of(("runs a second through user, grant, session, sub-session and fund", Report.Of(runs / took.TotalSeconds), "goal 5,000"),
            ("  rows a run", Report.Of((product.Journal.Rows.Values.Sum() - rows) / (double)runs, 2), ""),
            ("  runs a commit", Report.Of(runs / (double)(product.Journal.Commits - commits), 1), ""),
            ("  CPU a run, without the database's", $"{Report.Of(cpu.TotalMicroseconds / runs)} us", "")).Noting(await database.Describe());
    }

    private static async Task Put(IEntities entities)
    {
        await Ask(entities.User(User), new UserCommand.PutUser(Personal.Of(new Profile([], null)), Limits.MaxMicros, null));
        await Ask(entities.User(User), new UserCommand.PutGrant("agent-1", new(All, Limits.MaxMicros / 2, Limits.MaxMicros / 2, Limits.MaxLiveSessions, null)));
        await Ask(entities.Service(Service), new ServiceCommand.PutService(
            new("Summarizer", "Summarizes a text", Terms.Category, Terms.PriceMicros, $"https://{InstantService.Host}/1", Terms.Provider, null, null, null, null, 5_000, true), null));
        await Ask(entities.Campaign(Campaign), new CampaignCommand.PutCampaign(
            new("Acme", null, new("Survey", "survey", "One question", "{}", [], []), [new(Service, null)], [], Sponsor.RunsPerCompletion, null, null, null, null, null, true)));
        await Ask(entities.Campaign(Campaign), new CampaignCommand.Fund(Limits.MaxMicros / 2));
    }

    /// <summary>Each leaf has its parent, which it shares with few, and its user, whom it shares with all.</summary>
    private static async Task<IReadOnlyList<string>> Open(IEntities entities, int sessions, int below)
    {
        var leaves = new List<string>();
        for (var n = 0; n < sessions; n++)
        {
            var root = (SessionOpened)await Ask(entities.User(User), new UserCommand.OpenSession("agent-1", AsGranted, null, 3_600, Vouched: true));
            if (n == 0)
            {
                await Ask(entities.Session(root.SessionId), new SessionCommand.CompleteTask(Request("do_task"), Campaign, new(Campaign, "survey", [], [], [], Open: true), [], Personal.Of(new { rating = 5 })));
            }

            await Parallel.ForEachAsync(Enumerable.Range(0, below), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (_, _) =>
            {
                var leaf = (SessionOpened)await Ask(entities.Session(root.SessionId), new SessionCommand.Delegate(Request("delegate_session"), "agent-2", AsGranted, null, null));
                lock (leaves)
                {
                    leaves.Add(leaf.SessionId);
                }
            });
        }

        return leaves;
    }

    private static async Task<long> Count(IEntities entities, IReadOnlyList<string> leaves, TimeSpan time)
    {
        var ends = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        return (await Task.WhenAll(leaves.Select(leaf => Task.Run(async () =>
        {
            var (session, runs) = (entities.Session(leaf), 0L);
            while (Stopwatch.GetTimestamp() < ends)
            {
                await Ask(session, new RunCommand.RunService(Request("run_service"), Service, Terms, Input, "", null, true, null, [Sponsor], Keyed: false));
                runs++;
            }

            return runs;
        })))).Sum();
    }

    /// <summary>What the sessions above have spent and hold is what the campaign has: nothing was counted once too few.</summary>
    private static async Task Check(IEntities entities)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        CampaignView fund;
        do
        {
            fund = (CampaignView)await Ask(entities.Campaign(Campaign), new CampaignCommand.Get());
        }
        while (fund.Escrow.HeldMicros > 0 && await timer.WaitForNextTickAsync());

        var left = ((Sponsorship)await Ask(entities.User(User), new UserCommand.GetSponsorship("agent-1"))).RemainingMicros;
        if ((Limits.MaxMicros / 2) - left != fund.Escrow.SpentMicros)
        {
            throw new InvalidOperationException($"The grant stands at {(Limits.MaxMicros / 2) - left}, the campaign has spent {fund.Escrow.SpentMicros}.");
        }
    }

    private static RequestInfo Request(string operation) => new(operation, "POST /agent", "", Policy);

    private static async Task<object> Ask<TCommand>(EntityRef<TCommand> entity, TCommand command)
        where TCommand : class
    {
        var answer = await entity.Send(command, new(Guid.CreateVersion7()));
        return answer.Reply ?? throw new InvalidOperationException($"{typeof(TCommand).Name} {command.GetType().Name}: {answer.Rejection!.Code}: {answer.Rejection.Message}");
    }
}
