using Agora.Benchmarks.Load;
using Agora.Benchmarks.Results;
using Agora.Benchmarks.Servers;

namespace Agora.Benchmarks.SideBySide;

/// <summary>A sponsored run of an upstream's tool, through the hub, beside one of a service that is called over HTTP, and of one that answers at once.</summary>
internal static class HubContest
{
    public static async Task<Measures> Run(Options options)
    {
        await using var stage = new Stage(options);
        var service = stage.Add(await Child.StartServer("serve-bare"));
        var upstream = stage.Add(await Child.StartServer("serve-mcp-bare", "--bytes", "20"));
        var (store, agora) = await stage.Agora($"{service.Address.Authority},{upstream.Address.Authority}");
        await Market.PutTool(agora.Address, new Uri(upstream.Address, "/mcp"));
        var sessions = await Market.Open(agora.Address, stage.Sessions, stage.Campaigns, new Uri(service.Address, "/service"), tool: true);
        stage.Settle(store);
        Subject Http(string name, string what, Func<OpenSession, string> path, Child? service = null) =>
            stage.Http(name, what, agora, sessions.Select(s => LoadRequests.Post(path(s), s.Token)), "\"status\":\"posted\"", service);
        var scores = await new Contest(options, new(stage.Postgres)).Run(
        [
            Http("hub", "run of an upstream's tool", _ => $"/agent/services/{Market.Tool}/run", upstream),
            Http("http", "run of a service over HTTP", s => s.HttpRuns, service),
            Http("instant", "run of a service that answers at once", s => s.Runs),
        ]);
        RunsContest.Equal("Agora", scores.Sum(score => score.Asked), await Market.Paid(agora.Address, stage.Campaigns, hot: false));
        return Contest.Found(scores, await stage.Settings(), Contest.Ratios(scores, ("hub / http", "hub", "http", ""), ("hub / instant", "hub", "instant", "")));
    }
}
