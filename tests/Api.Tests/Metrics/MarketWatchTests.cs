using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Agora.Api.Metrics;
using Agora.Api.Tests.Support;
using Agora.Api.Tests.Tenants;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Webhooks;
using Agora.Grains.Clocks;
using Agora.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Api.Tests.Metrics;

public sealed class MarketWatchTests
{
    [Fact]
    public async Task What_campaigns_have_and_what_webhooks_wait_for_is_measured()
    {
        await using var api = await RunningApi.Start();
        await FilledTenant.Of(api);

        await api.Services.GetServices<IHostedService>().OfType<MarketWatch>().Single().LookUp(default);

        var text = await api.Client.Text("/metrics", null);
        Assert.Matches("agora_escrow_cents [1-9][0-9.]*\n", text);
        Assert.Matches("agora_webhooks_waiting [0-9]+\n", text);
        Assert.Matches("agora_webhooks_waiting_age_seconds [0-9]+\n", text);
    }

    [Fact]
    public async Task Escrow_and_what_waits_are_added_up_and_of_waiting_the_longest_counts_whichever_webhook_is_looked_at_last()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load(fundCents: "1234.5");
        foreach (var webhook in (string[])["first", "last"])
        {
            (await api.Client.Admin(HttpMethod.Put, $"/admin/webhooks/{webhook}", """{"url":"https://books.example/agora"}""")).Expect(200);
            (await api.Client.Admin(HttpMethod.Post, $"/admin/webhooks/{webhook}/secrets", "{}")).Expect(201);
        }

        var seen = await Measured(api, new() { ["first"] = (2, TimeSpan.FromSeconds(3_000)), ["last"] = (3, TimeSpan.FromSeconds(60)) });

        Assert.Equal((1234.5m, 5m), (seen["agora.escrow.cents"], seen["agora.webhooks.waiting"]));
        Assert.InRange(seen["agora.webhooks.waiting.age"], 3_000, 3_060);
    }

    /// <summary>By a watch of the test's own: those of other tests have the same names.</summary>
    private static async Task<IReadOnlyDictionary<string, decimal>> Measured(RunningApi api, Dictionary<string, (int Subjects, TimeSpan For)> waits)
    {
        var seen = new ConcurrentDictionary<string, decimal>();
        var of = api.Services;
        using var listener = new MeterListener();
        listener.SetMeasurementEventCallback<decimal>((instrument, value, _, _) => seen[instrument.Name] = value);
        listener.Start();
        var thread = Environment.CurrentManagedThreadId;
        listener.InstrumentPublished = (instrument, to) =>
        {
            if (Environment.CurrentManagedThreadId == thread)
            {
                to.EnableMeasurementEvents(instrument);
            }
        };
        using var watch = new MarketWatch(of.GetRequiredService<TableReader>(), new Waiting(of.GetRequiredService<IEntities>(), waits), of.GetRequiredService<TenantTimes>(), of.GetRequiredService<ApiOptions>(), TimeProvider.System, NullLogger<MarketWatch>.Instance);
        listener.InstrumentPublished = null;

        await watch.LookUp(default);
        listener.RecordObservableInstruments();
        return seen;
    }

    /// <summary>Webhooks of which so many subjects wait for so long.</summary>
    private sealed class Waiting(IEntities inner, Dictionary<string, (int Subjects, TimeSpan For)> waits) : IEntities
    {
        public EntityRef<TCommand> Of<TCommand>(StreamId stream)
            where TCommand : class => new(stream, Send<TCommand>);

        private async Task<Envelope> Send<TCommand>(StreamId stream, Envelope envelope, CancellationToken cancel)
            where TCommand : class
        {
            var answer = await inner.Of<TCommand>(stream).Send((TCommand)envelope.Body, new(envelope.CommandId, envelope.Trace), cancel);
            return envelope.Answered(answer.Reply is WebhookView view && waits.TryGetValue(stream.Id, out var wait)
                ? answer with { Reply = view with { Waiting = wait.Subjects, WaitingSince = DateTimeOffset.UtcNow - wait.For } }
                : answer);
        }
    }
}
