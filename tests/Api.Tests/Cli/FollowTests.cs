using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Cli;
using Agora.Cli.Following;
using Agora.Testing;
using Happenings = Agora.Cli.Following.Events;

namespace Agora.Api.Tests.Cli;

/// <summary>agora watch and agora listen against a server that runs.</summary>
public sealed class FollowTests(CommandTests.Served served) : IClassFixture<CommandTests.Served>
{
    [Fact]
    public async Task Watch_shows_what_happens_a_line_each_and_says_where_to_go_on()
    {
        var from = await served.Cursor();
        await served.Runs(2);

        var (code, output, error) = await served.Say("watch", "--cursor", from, "--types", "run.succeeded", "--count", "2");

        Assert.True(code == ExitCodes.Done, error);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.All(lines, line => Assert.Matches("^[0-9:]{8} run[.]succeeded +service summary  25 cents .*  session/[^ ]+$", line));
        Assert.StartsWith($"Watching {served.Address}", error, StringComparison.Ordinal);
        Assert.Matches("\nTo go on from here: --cursor [A-Za-z0-9_-]+", error);
        var json = (await served.Say("watch", "--cursor", from, "--types", "run.succeeded", "--count", "1", "--json")).Out;
        Assert.Equal("run.succeeded", JsonElement.Parse(json).GetProperty("type").GetString());
    }

    [Fact]
    public async Task Watch_is_live()
    {
        var begun = new Begun();
        var watching = CommandTests.Served.Say(served.Terminal() with { Error = begun }, "watch", "--types", "run.succeeded", "--count", "1");
        await begun.Said;
        await served.Runs(1);
        Assert.Contains("run.succeeded", (await watching).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listen_forwards_in_order_what_a_webhook_is_told_signed_by_the_secret_that_it_prints()
    {
        await using var receiver = new WebhookReceiver { Answers = static _ => (202, null) };
        var from = await served.Cursor();
        await served.Runs(2);

        var (code, output, error) = await served.Say("listen", "--forward-to", receiver.Address.ToString(), "--cursor", from, "--types", "run.succeeded,task.completed", "--count", "3");

        Assert.True(code == ExitCodes.Done, error);
        var secret = error.Split('\n').Single(line => line.StartsWith("The secret is ", StringComparison.Ordinal))["The secret is ".Length..];
        var came = receiver.Received.ToList();
        Assert.Equal(["run.succeeded", "run.succeeded", "task.completed"], came.Select(message => message.Type).Order(StringComparer.Ordinal));
        Assert.All(came, message => Assert.True(message.IsSignedBy(secret)));
        Assert.All(came.GroupBy(message => message.Subject), subject => Assert.Equal(subject.Select(Sequence).Order(), subject.Select(Sequence)));
        Assert.True(output.Split('\n').Count(line => line.Contains(" 202 ", StringComparison.Ordinal)) == 3, $"{output}\n{error}");

        static long Sequence(ReceivedMessage message) => message.Data.GetProperty("sequence").GetInt64();
    }

    [Fact]
    public async Task Listen_sends_what_the_server_would_byte_by_byte_under_the_same_id()
    {
        await using var receiver = new WebhookReceiver();
        var from = await served.Cursor();
        await served.Runs(1);
        const string Secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

        await served.Say("listen", "--forward-to", receiver.Address.ToString(), "--cursor", from, "--types", "run.succeeded", "--count", "1", "--secret", Secret);
        var printed = await served.Say("listen", "--print", "--json", "--cursor", from, "--types", "run.succeeded", "--count", "1");

        var message = Assert.Single(receiver.Received);
        Assert.True(message.IsSignedBy(Secret));
        var page = (await served.Client.Admin(HttpMethod.Get, $"/admin/events?cursor={from}&types=run.succeeded")).Expect(200).Data.GetProperty("events")[0];
        Assert.Equal(page.GetProperty("id").GetString(), message.Id);
        Assert.Equal(page.GetProperty("data").GetRawText(), message.Data.GetRawText());
        Assert.Equal((message.Id, JsonValueKind.Null), JsonElement.Parse(printed.Out) is var line ? (line.GetProperty("id").GetString(), line.GetProperty("answered").ValueKind) : default);
    }

    [Fact]
    public async Task A_receiver_that_is_away_or_refuses_is_said_and_the_next_event_is_sent()
    {
        var from = await served.Cursor();
        await served.Runs(1);
        var nobody = new WebhookReceiver();
        await nobody.DisposeAsync();

        var away = await served.Say("listen", "--forward-to", nobody.Address.ToString(), "--cursor", from, "--count", "2");
        Assert.Equal((ExitCodes.Done, 2), (away.Code, away.Out.Split('\n').Count(line => line.Contains(" ERR ", StringComparison.Ordinal))));
        Assert.Contains("refused", away.Error, StringComparison.Ordinal);

        await using var refusing = new WebhookReceiver { Answers = static _ => (500, "no") };
        var refused = await served.Say("listen", "--forward-to", refusing.Address.ToString(), "--cursor", from, "--count", "2");
        Assert.Equal(2, refused.Out.Split('\n').Count(line => line.Contains(" 500 ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_interrupts_it_says_where_to_go_on_and_nothing_is_left_at_the_server()
    {
        using var interrupted = new CancellationTokenSource();
        var begun = new Begun();
        var events = new Happenings(new(served.Address.ToString(), RunningApi.AdminKey, null, null), served.Terminal() with { Error = begun }, null);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var one in events.Follow(null, interrupted.Token))
            {
                Assert.Null(one);
                await interrupted.CancelAsync();
            }
        });
        Assert.NotNull(events.Cursor);
        Assert.Equal(0, (await served.Client.Admin(HttpMethod.Get, "/admin/webhooks")).Expect(200).Data.GetProperty("webhooks").GetArrayLength());
    }

    [Theory]
    [InlineData(ExitCodes.Wrong, "Say --forward-to URL, --print, or both", "listen")]
    [InlineData(ExitCodes.Wrong, "--forward-to wants an http:// or https:// address", "listen", "--forward-to", "localhost:9100")]
    [InlineData(ExitCodes.Wrong, "--secret wants whsec_", "listen", "--forward-to", "http://127.0.0.1:9/", "--secret", "mine")]
    [InlineData(ExitCodes.Wrong, "--count is 1 at least", "watch", "--count", "0")]
    [InlineData(ExitCodes.Refused, "types: Some of run.succeeded", "watch", "--types", "run.began")]
    [InlineData(ExitCodes.Refused, "cursor: It is no cursor of this tenant's events", "watch", "--cursor", "x")]
    [InlineData(ExitCodes.NoServer, "does not answer", "watch", "--server", "http://127.0.0.1:9/")]
    public async Task What_is_wrong_has_a_line_and_an_exit_code(int code, string line, params string[] arguments)
    {
        var (ended, output, error) = await served.Say(arguments);

        Assert.Equal((code, ""), (ended, output));
        Assert.Contains(line, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(20, 200)]
    [InlineData(40, 40)]
    public void A_line_is_cut_to_what_the_terminal_shows(int width, int most)
    {
        var happened = JsonElement.Parse("""{"type":"run.failed","timestamp":"2030-01-01T00:00:00Z","data":{"subject":"session/0198c0de-0000-7000-8000-000000000001","sequence":3,"state":"failed","failure_code":"upstream_failed\u001b[2J","link":"/x"}}""");
        var line = EventLine.Of(happened, served.Terminal() with { Width = width });
        Assert.InRange(line.Length, most == 40 ? 40 : 60, most);
        Assert.DoesNotContain('\u001b', line);
    }

    [Fact]
    public void A_line_is_cut_by_the_cells_that_it_takes()
    {
        var happened = JsonElement.Parse("""{"type":"run.succeeded","timestamp":"2030-01-01T00:00:00Z","data":{"subject":"session/0198c0de","payer":"喫茶みどり喫茶みどり喫茶みどり","link":"/x"}}""");

        Assert.InRange(Spectre.Console.StringExtensions.GetCellWidth(EventLine.Of(happened, served.Terminal() with { Width = 60 })), 59, 60);
    }

    /// <summary>Says when something was written to it first.</summary>
    private sealed class Begun : StringWriter
    {
        private readonly TaskCompletionSource _said = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Said => _said.Task;

        public override Task WriteLineAsync(string? value)
        {
            _said.TrySetResult();
            return base.WriteLineAsync(value);
        }
    }
}
