using System.Net.Http.Headers;
using System.Net.Http.Json;
using Agora.Benchmarks.Load;
using Agora.Benchmarks.Results;

namespace Agora.Benchmarks;

/// <summary>
/// What endpoints cost runs that they are not told of, because they are another tenant's or want other events; <see cref="SideBySide.WebhooksContest"/> has those that are told. One server on SQLite, in this process with its load; the variants take turns every few seconds,
/// and what is compared is the processor time of a run within one round, so other programs on the machine disturb all variants alike.
/// </summary>
internal static class WebhookReaders
{
    private const string Receiver = $"https://{InstantService.Host}/hook";

    private static readonly (string What, int Count, string Key, string? Types, string Goal)[] Variants =
    [
        ("no endpoint", 0, Product.AdminKey, null, ""),
        ("1 endpoint of another tenant, for all events", 1, Product.OtherKey, null, "goal <= 5 %"),
        ("5 endpoints of another tenant, for all events", 5, Product.OtherKey, null, "goal <= 5 %"),
        ("20 endpoints of another tenant, for all events", 20, Product.OtherKey, null, "goal <= 5 %"),
        ("20 endpoints of this tenant, for refunds", 20, Product.AdminKey, "refund.accepted", "goal <= 5 %"),
    ];

    public static async Task<Measures> Run(Options options)
    {
        var (seconds, rounds, connections) = (options.Number("seconds", 3), options.Number("rounds", 8), options.Number("connections", 16));
        using var directory = new ScratchDirectory();
        await using var product = await Product.Start(directory.Path);
        using var http = new HttpClient { BaseAddress = product.Address };
        var runners = (await Market.Open(product.Address, options.Number("sessions", 200), 50)).Select(static session => LoadRequests.Post(session.Runs, session.Token)).ToList();
        await HttpLoad.Run(product.Address, runners, connections, TimeSpan.FromSeconds(options.Number("warm-up", 15)));

        var (costs, rates) = (Variants.Select(static _ => new List<double>()).ToList(), Variants.Select(static _ => new List<double>()).ToList());
        for (var round = 0; round < rounds; round++)
        {
            foreach (var v in Enumerable.Range(0, Variants.Length).Select(n => (n + round) % Variants.Length))
            {
                var (_, count, key, types, _) = Variants[v];
                await Put(http, count, key, types, $"w{round}-{v}");
                await HttpLoad.Run(product.Address, runners, connections, TimeSpan.FromSeconds(1)); // they are at the end of the feed by then
                var cpu = Environment.CpuUsage.TotalTime;
                var seen = await HttpLoad.Run(product.Address, runners, connections, TimeSpan.FromSeconds(seconds));
                costs[v].Add((Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / seen.Answers);
                rates[v].Add(seen.Answers / seen.Took.TotalSeconds);
                await Delete(http, count, key, $"w{round}-{v}");
            }
        }

        return Measures.Of([.. Enumerable.Range(0, Variants.Length).SelectMany(v => Lines(v, costs, rates))]);
    }

    private static IEnumerable<(string, string, string)> Lines(int v, List<List<double>> costs, List<List<double>> rates)
    {
        yield return ($"CPU a run, with the load's: {Variants[v].What}", $"{Report.Of(Median(costs[v]))} us", $"{Report.Of(Median(rates[v]))} runs/s");
        if (v == 0) yield break;

        var more = costs[v].Zip(costs[0], static (with, without) => with / without);
        yield return ("  more than without, the median of the rounds", $"{Report.Of(100 * (Median(more) - 1), 1)} %", Variants[v].Goal);
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    private static async Task Put(HttpClient http, int count, string key, string? types, string name)
    {
        for (var n = 0; n < count; n++)
        {
            await Send(http, HttpMethod.Put, $"/admin/webhooks/{name}-{n}", key, types is null ? new { url = Receiver } : new { url = Receiver, types = new[] { types } });
            await Send(http, HttpMethod.Post, $"/admin/webhooks/{name}-{n}/secrets", key, new { });
        }
    }

    private static async Task Delete(HttpClient http, int count, string key, string name)
    {
        for (var n = 0; n < count; n++)
        {
            await Send(http, HttpMethod.Delete, $"/admin/webhooks/{name}-{n}", key, null);
        }
    }

    private static async Task Send(HttpClient http, HttpMethod method, string path, string key, object? body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        using var answer = await http.SendAsync(request);
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{method} {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }
    }
}
