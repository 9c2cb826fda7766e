using System.Diagnostics;
using Agora.Benchmarks.Results;
using Agora.Contracts;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Benchmarks;

/// <summary>Memory of open sessions, each with a live activation, and of their users', five sessions each (a grant's default).</summary>
internal static class Sessions
{
    public const int OfEachUser = 5;
    public const int AtOnce = 256;

    public static async Task<Measures> Run(Options options)
    {
        var sessions = options.Number("sessions", 100_000);
        using var directory = new ScratchDirectory();
        await using var product = await Product.Start(directory.Path);
        var entities = product.Services.GetRequiredService<IEntities>();
        await Open(entities, 0);
        var before = Report.Live();
        var started = Stopwatch.GetTimestamp();

        await Parallel.ForEachAsync(
            Enumerable.Range(1, sessions / OfEachUser), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (user, _) => await Open(entities, user));

        var took = Stopwatch.GetElapsedTime(started);
        var memory = Report.Live() - before;
        using var process = Process.GetCurrentProcess();
        return Measures.Of(("live memory of the sessions and their users", Report.Megabytes(memory), "goal < 1 GB"),
            ("a session", $"{Report.Of(memory / (double)sessions)} B", ""),
            ("the process's resident memory", Report.Megabytes(process.WorkingSet64), ""),
            ("opened a second", Report.Of(sessions / took.TotalSeconds), ""));
    }

    // Looking at a session activates it, if opening has not.
    /// <returns>Their ids.</returns>
    public static async Task<IReadOnlyList<string>> Open(IEntities entities, int user)
    {
        var ids = new List<string>();
        for (var n = 0; n < OfEachUser; n++)
        {
            var open = new UserCommand.OpenSession("agent-1", new(["*"], ["*"], ["*"], ["*"]), 1_000_000, 3_600, Vouched: true);
            var answer = await entities.User($"user-{user}").Send(open, New());
            var opened = (SessionOpened?)answer.Reply ?? throw new InvalidOperationException(answer.Rejection!.Message);
            if ((await entities.Session(opened.SessionId).Send(new SessionCommand.Peek(), New())).Reply is not SessionView)
            {
                throw new InvalidOperationException("An opened session is not there.");
            }

            ids.Add(opened.SessionId);
        }

        return ids;
    }

    private static CommandContext New() => new(Guid.CreateVersion7());
}
