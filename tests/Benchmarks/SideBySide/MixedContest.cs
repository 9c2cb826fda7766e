using Agora.Benchmarks.Load;
using Agora.Benchmarks.Results;

namespace Agora.Benchmarks.SideBySide;

/// <summary>What a day's agents ask for: of ten requests four searches, three looks at where they stand, two at a run that is over, one run. As many as are answered; and at a rate.</summary>
internal static class MixedContest
{
    public static async Task<Measures> Run(Options options)
    {
        await using var stage = new Stage(options);
        var (store, agora) = await stage.Agora();
        var sessions = await Market.Open(agora.Address, stage.Sessions, stage.Campaigns);
        var runs = await Market.RunEach(agora.Address, sessions);
        stage.Settle(store);
        var rate = options.Number("rate", 10_000);
        var mix = stage.Http("mix", "as many as are answered", agora, sessions.SelectMany(Asked), "\"status\":\"success\"");
        var scores = await new Contest(options, new(stage.Postgres)).Run([mix, mix with { Name = "mix-at-rate", What = $"at {Report.Of(rate)} a second", RequestsPerSecond = rate }]);
        return Contest.Found(scores, await stage.Settings());

        IEnumerable<byte[]> Asked(OpenSession session)
        {
            string[] reads =
            [
                .. Enumerable.Range(0, 4).Select(n => $"/agent/services?q=summarizer+{(session.Number + n) % stage.Campaigns}&limit=10"), .. Enumerable.Repeat("/agent/flow/status", 3), .. Enumerable.Repeat($"/agent/runs/{runs[session.Number]}", 2),
            ];
            return [.. reads.Select(path => LoadRequests.Get(path, session.Token)), LoadRequests.Post(session.Runs, session.Token)];
        }
    }
}
