using Agora.Models.Dialects;
using Agora.Models.Wires;

namespace Agora.Models.Tests;

/// <summary>Whatever bytes come in, what is thrown is what the contract names, and what is read can be written.</summary>
public sealed class MessagesMutationTests
{
    private const int Rounds = 20_000;

    private static readonly string[] Requests = [
        """{"model":"m-1","max_tokens":4096,"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral","ttl":"1h"}}],"messages":[{"role":"user","content":"\ud83d\ude00"}],"tools":[{"name":"look","input_schema":{"type":"object"},"strict":true}],"tool_choice":{"type":"tool","name":"look"},"temperature":0.5,"stream":true}""",
        """{"model":"m-1","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://a.example/b.png"}}]},{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"openai:rs:A"},{"type":"redacted_thinking","data":"google::Z"},{"type":"tool_use","id":"t","name":"look","input":{"x":[1,{"y":null}]}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":"r"}],"is_error":true}]}],"cache_control":{"type":"ephemeral"}}""",
        """{"model":"m-1","max_tokens":4096,"messages":[{"role":"system","content":"é"},{"role":"user","content":"a"}],"thinking":{"type":"enabled","budget_tokens":1024,"display":"omitted"},"output_config":{"effort":"max","format":{"type":"json_schema","schema":{"type":"object"}}},"metadata":{"user_id":"u"},"stop_sequences":["x"],"service_tier":"auto"}""",
    ];

    [Fact]
    public void A_mutated_request_is_read_or_refused_DialectException()
    {
        var dialect = new Dialects.Messages();
        var mutations = new MessagesMutations(seed: 20_260_101);
        var read = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var body = mutations.Of(Requests[round % Requests.Length]);
            try
            {
                var request = dialect.Read(body);
                read++;
                foreach (var wire in (IWire[])[new MessagesWire(), new GeminiWire()])
                {
                    Write(wire, request);
                }
            }
            catch (DialectException refused)
            {
                MessagesBytes.Of(into => dialect.WriteError(refused.Fault, into));
            }
        }

        Assert.InRange(read, 1, Rounds - 1);
    }

    private static void Write(IWire wire, ModelRequest request)
    {
        try
        {
            using var written = System.Text.Json.JsonDocument.Parse(MessagesBytes.Written(wire, request));
        }
        catch (DialectException)
        {
            // The provider cannot do what this mutation asks.
        }
    }

    public static TheoryData<string, string[]> Replies => new()
    {
        {
            "anthropic", [
                """{"id":"msg_9","type":"message","model":"p-1","content":[{"type":"thinking","thinking":"t","signature":"s"},{"type":"text","text":"\ud83d\ude00é"},{"type":"tool_use","id":"t","name":"look","input":{"x":1}}],"stop_reason":"tool_use","usage":{"input_tokens":10,"cache_creation":{"ephemeral_1h_input_tokens":20},"output_tokens":40}}""",
                """{"type":"message_start","message":{"id":"msg_9","model":"p-1","usage":{"input_tokens":10,"output_tokens":1}}}""",
                """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""",
                """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\ud83d\ude00é"}}""",
                """{"type":"content_block_stop","index":0}""",
                """{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":40}}""",
                """{"type":"error","error":{"type":"overloaded_error","message":"m"}}""",
            ]
        },
        {
            "google", [
                """{"candidates":[{"content":{"parts":[{"text":"t","thought":true},{"text":"\ud83d\ude00é"},{"functionCall":{"name":"look","args":{"x":1}},"thoughtSignature":"S"}],"role":"model"},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":9,"cachedContentTokenCount":4,"candidatesTokenCount":3},"modelVersion":"g","responseId":"r"}""",
                """{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":9}}""",
                """{"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"m"}]}""",
                """{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED","details":[{"reason":"R"},{"retryDelay":"34.07s"}]}}""",
            ]
        },
    };

    [Theory]
    [MemberData(nameof(Replies))]
    public void A_mutated_reply_is_read_or_refused_InvalidDataException(string maker, string[] replies)
    {
        IWire wire = maker == "google" ? new GeminiWire() : new MessagesWire();
        var mutations = new MessagesMutations(seed: 20_260_102);
        var read = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var body = mutations.Of(replies[round % replies.Length]);
            wire.ReadError(400, body, null);
            read += IsRead(() => MessagesBytes.Whole(wire.Read(body))) ? 1 : 0;
            read += IsRead(() => Streamed(wire, replies, round % replies.Length, body)) ? 1 : 0;
        }

        Assert.InRange(read, 1, (2 * Rounds) - 1);
    }

    /// <summary>The events before the mutated one come as they are, so that it meets a stream that is under way.</summary>
    private static void Streamed(IWire wire, string[] replies, int before, byte[] body)
    {
        var stream = wire.Stream();
        var events = new List<ModelEvent>();
        for (var i = 1; i < before && !stream.IsOver; i++)
        {
            stream.Read(MessagesBytes.Of(replies[i]), events);
        }

        stream.Read(body, events);
        var builder = new ReplyBuilder();
        var reply = new Dialects.Messages().Stream(new("m-1", []), MessagesBytes.Head);
        MessagesBytes.Of(into =>
        {
            foreach (var said in events)
            {
                builder.Add(said);
                reply.Write(said, into);
            }

            reply.End(builder.Reply(), into);
        });
    }

    private static bool IsRead(Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }
}
