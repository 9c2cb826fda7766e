using System.Globalization;
using Agora.Benchmarks.Results;
using Agora.Benchmarks.SideBySide;

namespace Agora.Benchmarks.Messages;

/// <summary>
/// Durable messages, accepted, delivered and acknowledged, through few mailboxes and through many, beside RabbitMQ. First as many as each carries, then a share of that, so many a
/// second: there the latency is that of a server that is not full.
/// </summary>
internal sealed class MessagesContest(Options options)
{
    private readonly int[] _mailboxes = [.. options.Text("mailboxes", "10,100,1000").Split(',').Select(n => int.Parse(n, CultureInfo.InvariantCulture))];
    private readonly string[] _only = options.Text("only", "rabbitmq,agora,sockets").Split(',');
    private readonly int _bytes = options.Number("bytes", 256);
    private readonly int _inFlight = options.Number("in-flight", 2_000);
    private readonly int _share = options.Number("share", 70);

    public static async Task<Measures> Run(Options options) => await new MessagesContest(options).Run();

    private async Task<Measures> Run()
    {
        await using var stage = new Stage(options);
        var (servers, scores) = (new List<IMailServer>(), new List<Score>());
        try
        {
            await Start(servers, stage);
            if (servers.Count == 0) return Measures.Of();
            var meter = new Meter(stage.Postgres);
            foreach (var count in _mailboxes) scores.AddRange(await Compare(servers, count, meter));
            return Contest.Found(
                scores, [.. stage.Postgres is { } postgres ? new[] { await postgres.Describe() } : [], .. servers.Select(server => server.What), $"{_bytes} bytes a message; {_inFlight} messages at a time, or {_share} % of the median rate of that, so many a second"],
                Ratios(scores),
                "CPU is a message's, over all rounds; every message that was accepted was delivered once. The load is this process, with the clients of all. Elsewhere: the part of all cores that went to processes which take no part.");
        }
        finally
        {
            foreach (var server in servers) await server.DisposeAsync();
        }
    }

    private Table Ratios(IReadOnlyList<Score> scores) => Contest.Ratios(scores,
    [
        .. _mailboxes.Select(count => ($"Agora / RabbitMQ, {Report.Of(count)} mailboxes", $"agora-{count}", $"rabbitmq-{count}", count == 1_000 ? ">= 2" : "")),
        .. _mailboxes.Select(count => ($"Agora by WebSockets / RabbitMQ, {Report.Of(count)} mailboxes", $"sockets-{count}", $"rabbitmq-{count}", count == 1_000 ? ">= 2" : ""))
    ]);

    private async Task Start(List<IMailServer> servers, Stage stage)
    {
        if (_only.Contains("rabbitmq"))
        {
            if (RabbitServer.Missing is { } missing)
                await Console.Error.WriteLineAsync(missing);
            else
                servers.Add(await RabbitServer.Start(new(options.Number("connections", 4), options.Number("prefetch", 100))));
        }

        if (_only.Contains("agora"))
        {
            servers.Add(await AgoraMail.Start(stage, options.Number("senders", 4)));
        }

        if (_only.Contains("sockets"))
        {
            servers.Add(await SocketMail.Start(stage, options.Number("senders", 4)));
        }
    }

    private async Task<IReadOnlyList<Score>> Compare(IReadOnlyList<IMailServer> servers, int count, Meter meter)
    {
        var (opened, subjects) = (new List<IMailboxes>(), new List<MailSubject>());
        try
        {
            foreach (var server in servers)
            {
                opened.Add(await server.Open(count));
                var load = new MailLoad(opened[^1], count, _bytes);
                await load.Begin();
                subjects.Add(new(NameOf(server, count), $"{server.Name}, {Report.Of(count)} mailboxes", server, load, _inFlight));
            }

            var most = await new Contest(options, meter).Run(subjects);
            var paced = await new Contest(options, meter).Run([.. subjects.Zip(most, (subject, score) => subject with
            {
                Name = $"{subject.Name}-paced", What = $"{subject.What}, {_share} % of that", Rate = Math.Max(1, (int)(score.MedianRate * _share / 100)),
            })]);
            return [.. most, .. paced];
        }
        finally
        {
            foreach (var mailboxes in opened) await mailboxes.DisposeAsync();
        }
    }

    private static string NameOf(IMailServer server, int count) => $"{server.Name}-{count}";
}
