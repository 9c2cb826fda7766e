using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Agora.ScriptedModels;

namespace Agora.Models.Tests.Scripted;

public sealed class FaultTests
{
    public static TheoryData<string, int> Statuses
    {
        get
        {
            var all = new TheoryData<string, int>();
            foreach (var status in new[] { 400, 401, 403, 404, 413, 429, 500, 502, 503, 529 })
            {
                all.Add(Talk.Chat, status);
                all.Add(Talk.Messages, status);
                all.Add(Talk.Generate, status);
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Statuses))]
    public async Task A_status_comes_with_the_makers_error(string name, int status)
    {
        await using var provider = await With(new Fault.Status(status, status == 429 ? 7 : null));
        using var response = await new Talk(name).Send(provider, stream: true);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(status == 429 ? 7 : null, (int?)response.Headers.RetryAfter?.Delta?.TotalSeconds);
        var error = JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error");
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        Assert.True(error.TryGetProperty(name == Talk.Generate ? "status" : "type", out _));
        await provider.Idle();
        Assert.Empty(provider.Truths);
    }

    [Fact]
    public async Task A_listener_that_refuses_takes_no_connection_until_it_listens_again()
    {
        await using var provider = await With(new Fault.Refuse());
        var talk = new Talk(Talk.Chat);
        await Assert.ThrowsAsync<HttpRequestException>(() => talk.Send(provider, stream: false));
        await provider.Refuse();
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => talk.Send(provider, stream: false));
        Assert.Equal(SocketError.ConnectionRefused, Assert.IsType<SocketException>(refused.InnerException).SocketErrorCode);
        provider.Script = new Script();
        await provider.Listen();
        Assert.NotEmpty((await talk.Hear(provider, stream: false)).Text);
    }

    [Fact]
    public async Task A_connection_closed_before_the_status_line_has_no_byte_in_it()
    {
        await using var provider = await With(new Fault.CloseBeforeStatus());
        Assert.Empty((await Raw(provider, Talk.Chat, stream: false)).Text);
        await provider.Idle();
        Assert.Equal(0, Assert.Single(provider.Seen).Status);
        Assert.True(Assert.Single(provider.Truths) is { IsComplete: false, CouldBeKnown: false, Counts: { Input: > 0, Output: 0 } });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_hang_before_the_headers_ends_when_the_client_leaves(bool stream)
    {
        await using var provider = await With(new Fault.HangBeforeHeaders());
        using var leaves = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new Talk(Talk.Messages).Send(provider, stream, cancel: leaves.Token));
        await provider.Idle();
        Assert.Equal(0, Assert.Single(provider.Truths).Counts.Output);
    }

    [Theory]
    [MemberData(nameof(Talk.All), MemberType = typeof(Talk))]
    public async Task A_hang_in_mid_stream_comes_after_the_chunks_it_says(string name)
    {
        await using var provider = await With(new Fault.HangAfter(2));
        using (var response = await new Talk(name).Send(provider, stream: true))
        {
            await using var body = await response.Content.ReadAsStreamAsync();
            var sent = new StringBuilder();
            var buffer = new byte[1 << 16];
            while (!sent.ToString().Contains(Words.Of(8, 1)[16..], StringComparison.Ordinal))
            {
                sent.Append(Encoding.UTF8.GetString(buffer.AsSpan(0, await body.ReadAsync(buffer))));
            }

            Assert.False(body.ReadAsync(buffer).AsTask().IsCompleted);
        }

        await provider.Idle();
        Assert.Equal(8, Assert.Single(provider.Truths).Counts.Output);
    }

    [Theory]
    [InlineData(Talk.Chat, true)]
    [InlineData(Talk.Generate, true)]
    [InlineData(Talk.Chat, false)]
    public async Task A_reset_comes_after_the_bytes_it_says(string name, bool stream)
    {
        await using var provider = await With(new Fault.Reset(150));
        var (text, end) = await Raw(provider, name, stream);
        Assert.Equal(SocketError.ConnectionReset, end);
        Assert.Contains("HTTP/1.1 200", text, StringComparison.Ordinal);
        await provider.Idle();
        Assert.False(Assert.Single(provider.Truths).IsComplete);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_close_after_some_bytes_is_no_reset(bool stream)
    {
        await using var provider = await With(new Fault.Close(150));
        var (text, end) = await Raw(provider, Talk.Chat, stream);
        Assert.Null(end);
        Assert.DoesNotContain("\r\n0\r\n", text, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => new Talk(Talk.Chat).Hear(provider, stream));
    }

    [Theory]
    [MemberData(nameof(Talk.All), MemberType = typeof(Talk))]
    public async Task A_stream_without_its_terminal_event_ends_cleanly(string name)
    {
        await using var provider = await With(new Fault.EndEarly());
        var heard = await new Talk(name).Hear(provider, stream: true);
        Assert.Equal(Words.Of(20, 1), heard.Text);
        await provider.Idle();
        Assert.False(Assert.Single(provider.Truths).IsComplete);
        provider.Script = provider.Script with { Reply = provider.Script.Reply with { Fault = new Fault.EndEarly(1) } };
        heard = await new Talk(name).Hear(provider, stream: true);
        Assert.Equal((Words.Of(20, 1)[..16], ""), (heard.Text, heard.Finish));
    }

    [Theory]
    [InlineData(Talk.Chat, "server_error")]
    [InlineData(Talk.Responses, "response.failed")]
    [InlineData(Talk.Messages, "overloaded_error")]
    [InlineData(Talk.Generate, "UNAVAILABLE")]
    public async Task An_error_event_comes_after_the_chunks_it_says(string name, string error)
    {
        await using var provider = await With(new Fault.ErrorEvent(1));
        using var response = await new Talk(name).Send(provider, stream: true);
        var events = Talk.Events(await response.Content.ReadAsStringAsync());
        Assert.Contains(error, events[^1], StringComparison.Ordinal);
        await provider.Idle();
        Assert.Equal(4, Assert.Single(provider.Truths).Counts.Output);
        using var whole = await new Talk(name).Send(provider, stream: false);
        Assert.Equal(HttpStatusCode.InternalServerError, whole.StatusCode);
    }

    [Theory]
    [MemberData(nameof(Talk.All), MemberType = typeof(Talk))]
    public async Task A_malformed_chunk_is_one_event_that_is_no_json(string name)
    {
        await using var provider = await With(new Fault.MalformedChunk(1));
        using var response = await new Talk(name).Send(provider, stream: true);
        var events = Talk.Events(await response.Content.ReadAsStringAsync());
        Assert.Single(events, static sent => sent != "[DONE]" && !IsJson(sent));
        using var whole = await new Talk(name).Send(provider, stream: false);
        Assert.False(IsJson(await whole.Content.ReadAsStringAsync()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_huge_body_comes_whole(bool stream)
    {
        await using var provider = await With(new Fault.HugeBody(3_000_000));
        Assert.Equal(3_000_000, (await new Talk(Talk.Chat).Hear(provider, stream)).Text.Length);
    }

    [Fact]
    public async Task An_endless_whole_reply_goes_on_until_the_client_leaves()
    {
        await using var provider = await With(new Fault.Endless());
        using (var response = await new Talk(Talk.Messages).Send(provider, stream: false))
        {
            await using var body = await response.Content.ReadAsStreamAsync();
            await body.ReadExactlyAsync(new byte[5_000_000]);
        }

        await provider.Idle();
        Assert.False(Assert.Single(provider.Truths).IsComplete);
    }

    [Fact]
    public async Task A_redirect_names_where_it_leads()
    {
        await using var provider = await With(new Fault.Redirect(new Uri("http://127.0.0.1:1/elsewhere")));
        using var response = await new Talk(Talk.Chat).Send(provider, stream: true);
        Assert.Equal((307, "http://127.0.0.1:1/elsewhere"), ((int)response.StatusCode, response.Headers.Location!.ToString()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_wrong_content_type_has_the_right_body(bool stream)
    {
        await using var provider = await With(new Fault.ContentType("text/html"));
        using var response = await new Talk(Talk.Chat).Send(provider, stream);
        Assert.Equal("text/html", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(Words.Of(20, 1), (await new Talk(Talk.Chat).Hear(provider, stream)).Text);
    }

    [Fact]
    public async Task A_slow_drip_takes_its_time_and_says_all()
    {
        await using var provider = await With(new Fault.SlowDrip(100, TimeSpan.FromMilliseconds(20)));
        using var response = await new Talk(Talk.Chat).Send(provider, stream: false);
        await using var body = await response.Content.ReadAsStreamAsync();
        var first = await body.ReadAsync(new byte[1 << 16]);
        Assert.InRange(first, 1, 300); // A machine that is busy reads a few drops at once.
        Assert.Equal(Words.Of(20, 1), (await new Talk(Talk.Chat).Hear(provider, stream: true)).Text);
    }

    [Fact]
    public async Task A_rule_hits_the_numbers_it_names_and_a_share_is_the_same_for_each_seed()
    {
        await using var provider = await ScriptedProvider.Start(new Script { Faults = [FaultRule.Nth(new Fault.Status(500), 2, 4)] });
        var numbered = await Statuses(5);
        Assert.Equal([200, 500, 200, 500, 200], numbered);
        provider.Script = new Script { Faults = [FaultRule.Share(new Fault.Status(503), 0.5, 42)] };
        var first = await Statuses(60);
        provider.Script = new Script { Faults = [FaultRule.Share(new Fault.Status(503), 0.5, 42)] };
        Assert.Equal(first, await Statuses(60));
        Assert.InRange(first.Count(static status => status == 503), 15, 45);
        provider.Script = new Script { Faults = [new FaultRule(new Fault.Status(404)) { Endpoint = Endpoint.Messages }, new FaultRule(new Fault.Status(403)) { When = static asked => asked.Stream }] };
        Assert.Equal(200, Assert.Single(await Statuses(1)));

        async Task<int[]> Statuses(int count)
        {
            var statuses = new int[count];
            for (var n = 0; n < count; n++)
            {
                using var response = await new Talk(Talk.Chat).Send(provider, stream: false);
                statuses[n] = (int)response.StatusCode;
            }

            return statuses;
        }
    }

    private static Task<ScriptedProvider> With(Fault fault) => ScriptedProvider.Start(new Script { Reply = Reply.OfTokens(20, 1) with { Fault = fault } });

    private static bool IsJson(string text)
    {
        try
        {
            JsonElement.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>All bytes that come, and with which error they end; null: with FIN.</summary>
    private static async Task<(string Text, SocketError? End)> Raw(ScriptedProvider provider, string name, bool stream)
    {
        var talk = new Talk(name);
        var body = talk.Body(stream);
        var signed = name == Talk.Generate ? $"x-goog-api-key: {Script.UsualKey}" : $"Authorization: Bearer {Script.UsualKey}";
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(provider.Url.Host, provider.Url.Port);
        await socket.SendAsync(Encoding.UTF8.GetBytes($"POST /{talk.Path(stream)} HTTP/1.1\r\nHost: x\r\n{signed}\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        var text = new StringBuilder();
        var buffer = new byte[1 << 16];
        try
        {
            while (await socket.ReceiveAsync(buffer) is var length && length > 0)
            {
                text.Append(Encoding.UTF8.GetString(buffer, 0, length));
            }

            return (text.ToString(), null);
        }
        catch (SocketException e)
        {
            return (text.ToString(), e.SocketErrorCode);
        }
    }
}
