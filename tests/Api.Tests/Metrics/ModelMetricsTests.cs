using System.Globalization;
using System.Text.RegularExpressions;
using Agora.Api.Metrics;
using Agora.Api.Tests.Models;
using Agora.Application.Models;
using Agora.Core.Runs;
using Agora.ScriptedModels;

namespace Agora.Api.Tests.Metrics;

/// <summary>What calls of models leave in /metrics. Other tests call models at the same time, so each has a model of its own name.</summary>
public sealed class ModelMetricsTests
{
    [Fact]
    public async Task Calls_cost_tokens_and_the_time_to_the_first_of_an_answer_are_measured_by_model_and_provider()
    {
        await using var world = await ModelWorld.Start(new() { Reply = new() { Text = Words.Of(60), CacheRead = 100 }, Choose = request => request.Model == "measured-bad" ? new() { Fault = new Fault.Status(400) } : request.Model == "measured-lost" ? new() { Fault = new Fault.Usage(UsageFault.Missing) } : null });
        foreach (var model in new[] { "measured", "measured-bad", "measured-lost" }) await world.PutModel(model, "openai");
        var session = await world.Open();
        var (cost, held) = (0L, 0L);
        for (var n = 0; n < 3; n++)
        {
            var told = (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "measured", Words.Of(400), stream: n == 0))).Expect(200);
            var ended = await world.Concluded(session, told.Run);
            (cost, held) = (cost + ended.AmountMicros, held + ended.Model!.HeldMicros);
        }

        Assert.NotEqual(200, (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "measured-bad"))).Status);
        var lost = await world.Concluded(session, (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "measured-lost"))).Run);

        var text = await world.Api.Client.Text("/metrics", null);
        Assert.Equal((3, 0), (Number(text, "calls_total", "measured", "outcome=\"served\"", "standing=\"known\""), Number(text, "calls_total", "measured", "outcome=\"failed\"", "standing=\"unsent\"")));
        Assert.Equal(1, Number(text, "calls_total", "measured-bad", "outcome=\"failed\"", "standing=\"unsent\""));
        Assert.Equal(1, Number(text, "calls_total", "measured-lost", "standing=\"unknown\""));
        Assert.Equal(cost, Number(text, "cost_cents_total", "measured") * Core.Kernel.Money.MicrosPerCent, 3);
        Assert.Equal(held, Number(text, "held_cents_total", "measured") * Core.Kernel.Money.MicrosPerCent, 3);
        Assert.Equal(lost.AmountMicros, Number(text, "cost_cents_total", "measured-lost") * Core.Kernel.Money.MicrosPerCent, 3);
        Assert.Equal(300, Number(text, "tokens_total", "measured", "kind=\"cache_read\""));
        Assert.Equal((1, 2), (Number(text, "first_seconds_count", "measured", "form=\"streamed\""), Number(text, "first_seconds_count", "measured", "form=\"whole\"")));
    }

    /// <summary>One that never came stands at 0 from the first call on, or its first would be no rise.</summary>
    [Fact]
    public async Task Calls_are_measured_by_whether_the_model_replied_refused_was_filtered_or_failed()
    {
        await using var world = await ModelWorld.Start(new() { Choose = request => request.Model switch { "ends-refused" => new() { Refusal = "No." }, "ends-failed" => new() { Fault = new Fault.Status(400) }, _ => null } });
        foreach (var model in new[] { "ends-well", "ends-refused", "ends-failed" }) await world.PutModel(model, "openai");
        var session = await world.Open();
        foreach (var model in new[] { "ends-well", "ends-refused", "ends-failed" })
        {
            await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", model));
            await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", model, stream: true));
        }

        var text = await world.Api.Client.Text("/metrics", null);
        foreach (var (model, came) in new[] { ("ends-well", "replied"), ("ends-refused", "refused"), ("ends-failed", "failed") })
        {
            foreach (var end in new[] { "replied", "refused", "filtered", "failed" })
            {
                Assert.Equal(end == came ? 2 : 0, Number(text, "replies_total", model, $"end=\"{end}\""));
                Assert.Contains($"agora_models_replies_total{{model=\"{model}\",provider=\"openai\",end=\"{end}\"}} ", text, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Whatever_is_put_the_series_are_bounded()
    {
        using var text = new MetricsText();
        var metrics = new ModelMetrics(most: 20);
        for (var n = 0; n < 50; n++) metrics.Ended($"many-{n}", "bounded", 10_000, new(CallStanding.Known, 5_000, null));

        var named = Regex.Matches(text.Render(), "agora_models_cost_cents_total\\{model=\"([^\"]+)\",provider=\"bounded\"\\}").Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(21, named.Count);
        Assert.Contains(ModelMetrics.Others, named);
    }

    private static double Number(string text, string name, string model, params string[] labels) => text.Split('\n')
        .Where(line => line.StartsWith($"agora_models_{name}{{", StringComparison.Ordinal) && line.Contains($"model=\"{model}\"", StringComparison.Ordinal) && labels.All(label => line.Contains(label, StringComparison.Ordinal)))
        .Sum(line => double.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture));
}
