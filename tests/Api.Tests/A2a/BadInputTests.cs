using Agora.Core.Conversations;

namespace Agora.Api.Tests.A2a;

/// <summary>What cannot be taken is refused by the protocol's own errors, in both bindings alike, and changes nothing.</summary>
public sealed class BadInputTests
{
    public static readonly TheoryData<string, string, int> Parameters = new()
    {
        { "{}", "INVALID_PARAMS", -32602 },
        { """{"message":7}""", "INVALID_PARAMS", -32602 },
        { """{"message":{"messageId":"m","role":"ROLE_USER"}}""", "INVALID_PARAMS", -32602 },
        { """{"message":{"messageId":"m","role":"ROLE_USER","parts":[]}}""", "INVALID_PARAMS", -32602 },
        { $$$"""{"message":{"messageId":"m","role":"ROLE_USER","parts":[{{{string.Join(',', Enumerable.Repeat("""{"text":"x"}""", A2aLimits.Parts + 1))}}}]}}""", "INVALID_PARAMS", -32602 },
        { """{"message":{"messageId":"m","role":"ROLE_USER","parts":[{"text":"x","url":"y"}]}}""", "INVALID_PARAMS", -32602 },
        { """{"message":{"messageId":"m","role":"ROLE_USER","parts":[{"text":7}]}}""", "INVALID_PARAMS", -32602 },
        { """{"message":{"messageId":"m","role":"ROLE_USER","parts":[{"raw":"no base64!"}]}}""", "INVALID_PARAMS", -32602 },
        { """{"message":{"messageId":"m","role":"ROLE_USER","parts":[null]}}""", "INVALID_PARAMS", -32602 },
        { """{"message":{"messageId":"m","role":"ROLE_USER","parts":[{"text":"x"}],"metadata":[]}}""", "INVALID_PARAMS", -32602 },
        { """{"message":{"messageId":"m","role":"ROLE_USER","parts":[{"text":"x"}],"extensions":[7]}}""", "INVALID_PARAMS", -32602 },
        { """{"message":{"messageId":"m","role":"ROLE_AGENT","parts":[{"text":"x"}]}}""", "INVALID_PARAMS", -32602 },
        { """{"message":{"messageId":"","role":"ROLE_USER","parts":[{"text":"x"}]}}""", "INVALID_PARAMS", -32602 },
        { """{"message":{"messageId":"a b","role":"ROLE_USER","parts":[{"text":"x"}]}}""", "INVALID_PARAMS", -32602 },
        { Asking.Message("x", new string('m', 129)), "INVALID_PARAMS", -32602 },
        { Asking.Message("x", "m", ""","contextId":7"""), "INVALID_PARAMS", -32602 },
        { Asking.Message("x", "m", ""","taskId":"none" """), "TASK_NOT_FOUND", -32001 },
        { Asking.Message("x", "m", ""","metadata":{"urn:agora:a2a:sequence:v1":{"replyWithinSeconds":0}}"""), "INVALID_PARAMS", -32602 },
        { Configured("""{"historyLength":-1}"""), "INVALID_PARAMS", -32602 },
        { Configured("""{"returnImmediately":"yes"}"""), "INVALID_PARAMS", -32602 },
        { Configured("""{"taskPushNotificationConfig":{"url":"https://example.com"}}"""), "PUSH_NOTIFICATION_NOT_SUPPORTED", -32003 },
        { $$"""{{Asking.Message("x", "m")[..^1]}},"message":1}""", "PARSE_ERROR", -32700 },
        { Asking.Message("x", "m")[..^2], "PARSE_ERROR", -32700 },
        { Asking.Message(new string('x', TalkLimits.MessageBytes), "m"), "PAYLOAD_TOO_LARGE", -32000 },
        { Asking.Message(new string('x', 300_000), "m"), "PAYLOAD_TOO_LARGE", -32000 },
    };

    private static string Configured(string configuration) => $"{Asking.Message("x", "m")[..^1]},\"configuration\":{configuration}}}";

    [Theory]
    [MemberData(nameof(Parameters))]
    public async Task What_no_message_is_is_refused(string parameters, string reason, int code)
    {
        await using var asking = await Asking.Begin();

        var rest = await asking.SendMessage(parameters);
        var rpc = await asking.Rpc("SendMessage", parameters);
        var stream = await asking.Rest(HttpMethod.Post, "/message:stream", parameters);

        Assert.Equal((reason, reason), (rest.Reason, stream.Reason));
        Assert.Equal(rest.Status, rest.Json.GetProperty("error").GetProperty("code").GetInt32());
        Assert.InRange(rest.Status, 400, 499);
        Assert.Equal((reason, code, code == -32000 ? rest.Status : 200), (rpc.Reason, rpc.Json.GetProperty("error").GetProperty("code").GetInt32(), rpc.Status));
        await Nothing(asking);
    }

    [Theory]
    [InlineData("[]", -32600)]
    [InlineData("", -32600)]
    [InlineData("7", -32600)]
    [InlineData("""{"jsonrpc":"1.0","id":1,"method":"GetTask"}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0","method":"GetTask"}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":{},"method":"GetTask"}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":7}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tasks/get"}""", -32601)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"GetTask"}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"GetTask","params":[1]}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"GetTask","params":{"id":"x","historyLength":1.5}}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"GetTask","params":{"id":"../b"}}""", -32001)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ListTasks","params":{"status":99}}""", -32602)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"CreateTaskPushNotificationConfig","params":{}}""", -32003)]
    [InlineData("{", -32700)]
    public async Task What_no_request_of_the_protocol_is_is_refused(string body, int code)
    {
        await using var asking = await Asking.Begin();

        var refused = await asking.Rest(HttpMethod.Post, "", body);

        Assert.Equal((200, "2.0", code), (refused.Status, refused.Json.GetProperty("jsonrpc").GetString(), refused.Json.GetProperty("error").GetProperty("code").GetInt32()));
        Assert.True(refused.Json.TryGetProperty("id", out _));
        await Nothing(asking);
    }

    [Fact]
    public async Task What_stands_around_a_request_is_refused_by_its_status()
    {
        await using var asking = await Asking.Begin();
        var body = Asking.AtOnce("x", "m");
        var key = asking.Talk.Key("a");
        (A2aReply Reply, int Status, string Reason)[] all =
        [
            (await asking.SendMessage(body, "a", ("A2A-Version", "")), 400, "VERSION_NOT_SUPPORTED"),
            (await asking.SendMessage(body, "a", ("A2A-Version", "0.3")), 400, "VERSION_NOT_SUPPORTED"),
            (await asking.SendMessage(body, "a", ("A2A-Version", "1.1")), 400, "VERSION_NOT_SUPPORTED"),
            (await asking.Send(HttpMethod.Post, "/a2a/b/message:send", body, null), 401, "UNAUTHORIZED"),
            (await asking.Send(HttpMethod.Post, "/a2a/b/message:send", body, $"{key}x"), 401, "UNAUTHORIZED"),
            (await asking.Send(HttpMethod.Post, "/a2a/nobody/message:send", body, key), 404, "NOT_FOUND"),
            (await asking.Send(HttpMethod.Post, "/a2a/a/message:send", body, key), 404, "NOT_FOUND"),
            (await asking.Send(HttpMethod.Post, "/a2a/-b/message:send", body, key), 400, "PARSE_ERROR"),
            (await asking.SendMessage(Asking.AtOnce("x", "01900000-0000-7000-8000-000000000000")), 409, "IDEMPOTENCY_CONFLICT"),
            (await asking.Rest(HttpMethod.Delete, "/tasks/x/pushNotificationConfigs/y"), 400, "PUSH_NOTIFICATION_NOT_SUPPORTED"),
        ];

        Assert.All(all, one => Assert.Equal((one.Status, one.Reason), (one.Reply.Status, one.Reply.Reason)));
        Assert.Equal(200, (await asking.Send(HttpMethod.Get, "/a2a/b/tasks?A2A-Version=1.0", null, key, ("A2A-Version", "1.0"))).Status);
        await Nothing(asking);
    }

    private static async Task Nothing(Asking asking)
    {
        Assert.Equal(0, (await asking.Rest(HttpMethod.Get, "/tasks")).Json.GetProperty("totalSize").GetInt32());
        Assert.Equal(0, (await asking.Talk.Get("a", "/conversations")).Expect(200).Data.GetProperty("total_count").GetInt32());
    }
}
