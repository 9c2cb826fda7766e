using Agora.Benchmarks.Load;
using Agora.Benchmarks.Results;
using Agora.Benchmarks.Servers;

namespace Agora.Benchmarks.SideBySide;

/// <summary>What agents read between their runs: a search, where they stand, a run that is over. Each is authenticated and audited. Beside it ASP.NET that does nothing, with an answer as large as that of the search.</summary>
internal static class ReadsContest
{
    public static async Task<Measures> Run(Options options)
    {
        await using var stage = new Stage(options);
        var (store, agora) = await stage.Agora();
        var sessions = await Market.Open(agora.Address, stage.Sessions, stage.Campaigns);
        var runs = await Market.RunEach(agora.Address, sessions);
        stage.Settle(store);
        IEnumerable<byte[]> Gets(Func<OpenSession, string> path) => sessions.Select(s => LoadRequests.Get(path(s), s.Token));
        string Search(OpenSession session) => $"/agent/services?q=summarizer+{session.Number % stage.Campaigns}&limit=10";
        var bytes = await Market.AnswerBytes(agora.Address, Search(sessions[0]), sessions[0].Token);
        var bare = stage.Add(await Child.StartServer("serve-bare", "--bytes", $"{bytes}"));
        var scores = await new Contest(options, new(stage.Postgres)).Run(
        [
            stage.Http("search", "GET /agent/services?q=…&limit=10", agora, Gets(Search), "\"status\":\"success\""),
            stage.Http("status", "GET /agent/flow/status", agora, Gets(s => "/agent/flow/status"), "\"status\":\"success\""),
            stage.Http("run", "GET /agent/runs/{run_id}", agora, Gets(s => $"/agent/runs/{runs[s.Number]}"), "\"state\":\"succeeded\""),
            stage.Http("bare", "GET of ASP.NET that does nothing", bare, [LoadRequests.Get("/answer", null)], "data"),
        ]);
        return Contest.Found(scores, await stage.Settings(), Contest.Ratios(scores, ("search / bare", "search", "bare", ""), ("status / bare", "status", "bare", ""), ("run / bare", "run", "bare", "")));
    }
}
