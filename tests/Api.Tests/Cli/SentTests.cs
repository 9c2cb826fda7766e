using System.Collections.Concurrent;
using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Cli;
using Agora.Core.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Agora.Api.Tests.Cli;

/// <summary>What is sent and what is not, and what a script is told where it cannot know.</summary>
public sealed class SentTests(CommandTests.Served served) : IClassFixture<CommandTests.Served>
{
    [Fact]
    public async Task A_dry_run_of_what_moves_no_money_sends_nothing_either()
    {
        var dry = await served.Say("put-user", "nobody-yet", "--body", "{}", "--dry-run");

        Assert.Equal((ExitCodes.Done, "Nothing was sent."), (dry.Code, dry.Error.Trim()));
        Assert.StartsWith($"PUT {served.Address}admin/users/nobody-yet", dry.Out, StringComparison.Ordinal);
        Assert.Contains("There is no such user", (await served.Say("get-user", "nobody-yet")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reply_that_is_lost_is_4_and_the_very_key_that_was_sent_is_said()
    {
        var keys = new ConcurrentQueue<string>();
        await using var lossy = await Lossy(keys.Enqueue);
        var address = new Uri(lossy.Urls.Single());

        var lost = await served.Say("deposit", "agent:lost", "--amount-cents", "5", "--memo", "Try", "--server", address.ToString());

        Assert.Equal(ExitCodes.NoServer, lost.Code);
        Assert.EndsWith($"Send the same again with --idempotency-key {Assert.Single(keys)}: it happens once.", lost.Error.Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_goes_on_is_6_and_its_repeat_once_it_is_over_is_0()
    {
        await using var api = await RunningApi.Start(runWait: TimeSpan.FromMilliseconds(1));
        var token = await api.Client.OpenReady();
        var outcome = new TaskCompletionSource<StepOutcome>();
        api.Service.Answers = _ => outcome.Task;
        var terminal = served.Terminal(("AGORA_URL", api.Client.Address.ToString()), ("AGORA_TOKEN", token));
        string[] run = ["run-service", "summary", "--input", """{"text":"A long text."}""", "--idempotency-key", "once", "--json"];

        var begun = await CommandTests.Served.Say(terminal, run);
        outcome.SetResult(await PlayedService.Says("""{"summary":"Short."}""")(null!));
        var id = JsonElement.Parse(begun.Out).GetProperty("data").GetProperty("run_id").GetString();
        (await api.Client.Send(HttpMethod.Get, $"/agent/runs/{id}", token, null, ("Prefer", "wait=5"))).Expect(200);

        Assert.Equal((ExitCodes.UnderWay, ExitCodes.Done), (begun.Code, (await CommandTests.Served.Say(terminal, run)).Code));
    }

    /// <summary>It describes itself as the served one does, hears what is sent, and says nothing.</summary>
    private async Task<WebApplication> Lossy(Action<string> heard)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = served.Address };
        var description = await http.GetByteArrayAsync("/openapi/v1.json");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(async request =>
        {
            if (request.Request.Path == "/openapi/v1.json")
            {
                await request.Response.Body.WriteAsync(description);
                return;
            }

            heard(request.Request.Headers["Idempotency-Key"].ToString());
            request.Abort();
        });
        await app.StartAsync();
        return app;
    }
}
