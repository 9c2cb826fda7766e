using System.Text.Json;
using System.Text.RegularExpressions;
using Agora.Models.Tests.Chat;
using Agora.Models.Wires;

namespace Agora.Models.Tests;

/// <summary>Ids of tool calls, as each provider is sent them: each fits what it takes, no two calls become one, and a result names its own call.</summary>
public sealed class CallIdTests
{
    private const string Long = "call_Q1JuaH3v7ZNL4Gk8y0BJ5N9I_fc_0f0d91e0a300c49b016a990224e6ec87d1b1ea29e03054e6edabc";

    public static TheoryData<string, string> Turns
    {
        get
        {
            var turns = new TheoryData<string, string>();
            foreach (var wire in new[] { "openai", "openai_chat", "compatible", "anthropic", "google" })
            {
                foreach (var ids in new[] { Long, "fc_0f0e50a1476a6c35006912c58dc9f8819192c25864eb16f07f", "functions.get_weather:0", "call_abc|fc_def", "call.1 call:1", "call_1 call:1", "call:1 call_1", "x x", "call_1 call_1", "ä ö" })
                {
                    turns.Add(wire, ids);
                }
            }

            return turns;
        }
    }

    [Theory]
    [MemberData(nameof(Turns))]
    public void Each_id_fits_its_provider_none_becomes_another_and_each_result_names_its_call(string wire, string ids)
    {
        var (calls, results) = Sent(wire, [.. ids.Split(' ')]);

        var (most, characters) = wire switch { "openai" => (64, ".*"), "openai_chat" => (40, ".*"), "compatible" or "google" => (int.MaxValue, ".*"), _ => (64, "^[a-zA-Z0-9_-]+$") };
        Assert.All(calls, id => Assert.True(id.Length <= most && Regex.IsMatch(id, characters), id));
        Assert.Equal(calls.Count, calls.Distinct().Count());
        Assert.Equal(calls, results);
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("openai_chat")]
    [InlineData("compatible")]
    [InlineData("anthropic")]
    [InlineData("google")]
    public void An_id_that_a_later_turn_uses_again_is_another_calls_there(string wire)
    {
        var (calls, results) = Sent(wire, ["x"], ["x"], ["x", "y"]);

        Assert.Equal((4, 4), (calls.Count, calls.Distinct().Count()));
        Assert.Equal(calls, results);
    }

    /// <summary>Else a provider's cache of the beginning would be lost with each turn.</summary>
    [Theory]
    [InlineData("openai")]
    [InlineData("openai_chat")]
    [InlineData("anthropic")]
    public void What_follows_changes_no_id(string wire)
    {
        var before = Sent(wire, ["call:1", Long]).Calls;

        Assert.Equal(before, Sent(wire, ["call:1", Long], [Long, "call_1"]).Calls.Take(2));
    }

    [Theory]
    [InlineData("openai", "call_9", "call_9")]
    [InlineData("anthropic", "toolu_01A", "toolu_01A")]
    [InlineData("openai_chat", "functions.get_weather:0", "functions.get_weather:0")]
    [InlineData("compatible", "functions.get_weather:0", "functions.get_weather:0")]
    [InlineData("compatible", Long, Long)]
    [InlineData("google", Long, Long)]
    public void An_id_that_fits_stays_as_it_is(string wire, string id, string sent) => Assert.Equal([sent], Sent(wire, [id]).Calls);

    /// <summary>A call whose result is missing does not take a later one's.</summary>
    [Fact]
    public void A_call_without_a_result_takes_none_of_a_later_call()
    {
        var call = """{"role":"assistant","content":null,"tool_calls":[{"id":"x","type":"function","function":{"name":"f","arguments":"{}"}}]}""";
        var request = ChatSamples.Read($$"""{"model":"m","messages":[{"role":"user","content":"a"},{{call}},{"role":"user","content":"b"},{{call}},{"role":"tool","tool_call_id":"x","content":"r"}]}""");

        var (calls, results) = Ids("anthropic", request);

        Assert.Equal(2, calls.Count);
        Assert.Equal([calls[1]], results);
    }

    [Fact]
    public void Results_of_two_calls_with_one_id_have_the_names_of_their_own_calls_at_Google()
    {
        var calls = Call("x") + "," + Call("x").Replace("\"f\"", "\"g\"", StringComparison.Ordinal);
        var request = ChatSamples.Read($$"""{"model":"m","messages":[{"role":"user","content":"a"},{"role":"assistant","content":null,"tool_calls":[{{calls}}]},{"role":"tool","tool_call_id":"x","content":"of f"},{"role":"tool","tool_call_id":"x","content":"of g"}]}""");

        var parts = JsonDocument.Parse(MessagesBytes.Written(new GeminiWire(), request)).RootElement.GetProperty("contents")[2].GetProperty("parts").EnumerateArray().Select(static part => part.GetProperty("functionResponse"));

        Assert.Equal([("f", "of f"), ("g", "of g")], parts.Select(static part => (part.GetProperty("name").GetString(), part.GetProperty("response").GetProperty("output").GetString())));
    }

    private static (List<string> Calls, List<string> Results) Sent(string wire, params string[][] turns)
    {
        var messages = turns.SelectMany(ids => new[] { """{"role":"user","content":"a"}""", $$"""{"role":"assistant","content":null,"tool_calls":[{{string.Join(',', ids.Select(Call))}}]}""" }
            .Concat(ids.Select(id => $$"""{"role":"tool","tool_call_id":"{{id}}","content":"r"}""")));
        return Ids(wire, ChatSamples.Read($$"""{"model":"m","messages":[{{string.Join(',', messages)}}]}"""));
    }

    private static string Call(string id) => $$$"""{"id":"{{{id}}}","type":"function","function":{"name":"f","arguments":"{}"}}""";

    private static (List<string> Calls, List<string> Results) Ids(string name, ModelRequest request)
    {
        IWire wire = name switch { "openai" => new ResponsesWire(), "openai_chat" => new ChatWire(true), "compatible" => new ChatWire(false), "google" => new GeminiWire(), _ => new MessagesWire() };
        var (calls, results) = (new List<string>(), new List<string>());
        Walk(JsonDocument.Parse(MessagesBytes.Written(wire, request)).RootElement);
        return (calls, results);

        void Walk(JsonElement value)
        {
            if (value.ValueKind == JsonValueKind.Array)
            {
                value.EnumerateArray().ToList().ForEach(Walk);
            }

            if (value.ValueKind != JsonValueKind.Object) return;

            var type = value.TryGetProperty("type", out var kind) && kind.ValueKind == JsonValueKind.String ? kind.GetString() : null;
            Add(type is "tool_use" or "function" && value.TryGetProperty("id", out var id) ? id : type == "function_call" ? value.GetProperty("call_id") : null, calls);
            Add(type == "tool_result" ? value.GetProperty("tool_use_id") : type == "function_call_output" ? value.GetProperty("call_id") : value.TryGetProperty("tool_call_id", out var of) ? of : null, results);
            Add(value.TryGetProperty("functionCall", out var call) ? call.GetProperty("id") : null, calls);
            Add(value.TryGetProperty("functionResponse", out var response) ? response.GetProperty("id") : null, results);
            value.EnumerateObject().ToList().ForEach(member => Walk(member.Value));
        }

        static void Add(JsonElement? id, List<string> into)
        {
            if (id is { } said)
            {
                into.Add(said.GetString()!);
            }
        }
    }
}
