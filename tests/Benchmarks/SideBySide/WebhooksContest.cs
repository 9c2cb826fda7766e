using Agora.Benchmarks.Load;
using Agora.Benchmarks.Results;
using Agora.Benchmarks.Servers;

namespace Agora.Benchmarks.SideBySide;

/// <summary>
/// What it costs runs that endpoints are told of them: servers with none, one, five and twenty that are told everything, by HTTP, and twenty that want nothing of what happens. Unbounded (<c>--rate 0</c>) the load takes
/// what the machine has, and endpoints follow later; at a rate that they keep up with, a run's CPU time has all that telling costs.
/// </summary>
internal static class WebhooksContest
{
    private static readonly (string Name, int Count, string? Types)[] Subjects = [("none", 0, null), ("one", 1, null), ("five", 5, null), ("twenty", 20, null), ("twenty-idle", 20, "refund.accepted")];

    public static async Task<Measures> Run(Options options)
    {
        await using var stage = new Stage(options);
        var receiver = stage.Add(await Child.StartServer("serve-bare"));
        var (only, rate, subjects) = (options.Text("only", string.Join(',', Subjects.Select(subject => subject.Name))).Split(','), options.Number("rate", 0), new List<Subject>());
        foreach (var (name, count, types) in Subjects.Where(subject => only.Contains(subject.Name)))
        {
            var (store, agora) = await stage.Agora(receiver.Address.Authority, $"agora_{name.Replace('-', '_')}");
            var sessions = await Market.Open(agora.Address, stage.Sessions, stage.Campaigns);
            await Market.PutWebhooks(agora.Address, count, new Uri(receiver.Address, "/service"), types);
            stage.Settle(store);
            var what = $"runs, {count} endpoints{(types is null ? "" : " that want nothing of it")}";
            subjects.Add(stage.Http(name, what, agora, sessions.Select(session => LoadRequests.Post(session.Runs, session.Token)), "\"status\":\"posted\"", receiver) with { RequestsPerSecond = rate });
        }

        var scores = await new Contest(options, new(stage.Postgres)).Run(subjects);
        return Contest.Found(scores, await stage.Settings(), Contest.Ratios(scores, [.. Subjects.Skip(1).Select(subject => ($"{subject.Name} / none", subject.Name, "none", ""))]));
    }
}
