using System.Buffers;
using System.Text;
using Agora.Models.Dialects;
using Agora.Models.Wires;

namespace Agora.Models.Tests.Chat;

/// <summary>Bodies that several suites read, and short ways to read and write them.</summary>
internal static class ChatSamples
{
    /// <summary>Everything that a request may have.</summary>
    public const string Full = """
        {"model":"gpt-x","messages":[
          {"role":"developer","content":"Be brief."},
          {"role":"system","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},
          {"role":"user","content":[{"type":"text","text":"What \ud83d\ude00 is it?"},
            {"type":"image_url","image_url":{"url":"https://example.org/a.png","detail":"low"}},
            {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}]},
          {"role":"assistant","content":"I look.","reasoning_content":"hm","refusal":null,"annotations":[],"audio":null,"function_call":null,
            "tool_calls":[{"id":"c1","type":"function","index":0,"function":{"name":"look","arguments":"{\"x\":1}"}},{"id":"c2","type":"custom","custom":{"name":"calc","input":"1+1"}}]},
          {"role":"tool","tool_call_id":"c1","name":"look","content":"a cat"},
          {"role":"tool","tool_call_id":"c2","content":[{"type":"text","text":"2"}]}],
         "max_completion_tokens":500,
         "tools":[{"type":"function","function":{"name":"look","description":"Looks.","parameters":{"type":"object","properties":{"x":{"type":"integer"}}},"strict":true}},
           {"type":"custom","custom":{"name":"calc","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"start: /.+/"}}}}],
         "tool_choice":{"type":"function","function":{"name":"look"}},"parallel_tool_calls":false,
         "response_format":{"type":"json_schema","json_schema":{"name":"answer","description":"d","schema":{"type":"object"},"strict":true}},
         "reasoning_effort":"low","verbosity":"high","temperature":0.5,"top_p":0.9,"presence_penalty":-1,"frequency_penalty":1.5,"seed":-7,"stop":["END"],
         "service_tier":"flex","prompt_cache_key":"k","stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false},
         "n":1,"logprobs":false,"top_logprobs":null,"logit_bias":null,"modalities":["text"],"store":false,"metadata":{"a":"b"},"user":"u","safety_identifier":"s","prompt_cache_retention":"24h"}
        """;

    public const string Reply = """
        {"id":"chatcmpl-9","object":"chat.completion","created":1,"model":"gpt-x-1","service_tier":"default","choices":[{"index":0,"finish_reason":"tool_calls","logprobs":null,
          "message":{"role":"assistant","content":"See:","refusal":null,"reasoning_content":"hm","annotations":[],
            "tool_calls":[{"id":"c1","type":"function","function":{"name":"look","arguments":"{\"x\":1}"}},{"id":"c2","type":"custom","custom":{"name":"calc","input":"1+1"}}]}}],
         "usage":{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"prompt_tokens_details":{"cached_tokens":60,"audio_tokens":0},
           "completion_tokens_details":{"reasoning_tokens":20,"audio_tokens":0,"accepted_prediction_tokens":3,"rejected_prediction_tokens":4}}}
        """;

    public static readonly string[] Chunks =
    [
        """{"id":"","object":"","model":"","choices":[],"prompt_filter_results":[]}""",
        """{"id":"chatcmpl-9","model":"gpt-x-1","service_tier":"default","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"finish_reason":null}],"usage":null}""",
        """{"id":"chatcmpl-9","model":"gpt-x-1","choices":[{"index":0,"delta":{"reasoning_content":"h"},"finish_reason":null}],"usage":{"prompt_tokens":100,"completion_tokens":1,"total_tokens":101}}""",
        """{"id":"chatcmpl-9","model":"gpt-x-1","choices":[{"index":0,"delta":{"reasoning":"m"},"finish_reason":null}]}""",
        """{"id":"chatcmpl-9","model":"gpt-x-1","choices":[{"index":0,"delta":{"content":"Se\ne"},"finish_reason":null}]}""",
        """{"id":"chatcmpl-9","model":"gpt-x-1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"look","arguments":""}}]}}]}""",
        """{"id":"chatcmpl-9","model":"gpt-x-1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"x\":"}}]}}]}""",
        """{"id":"chatcmpl-9","model":"gpt-x-1","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"c2","type":"custom","custom":{"name":"calc","input":"1"}}]}}]}""",
        """{"id":"chatcmpl-9","model":"gpt-x-1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}},{"index":1,"custom":{"input":"+1"}}]}}]}""",
        """{"id":"chatcmpl-9","model":"gpt-x-1","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}""",
        """{"id":"chatcmpl-9","model":"gpt-x-1","choices":[],"usage":{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"completion_tokens_details":{"reasoning_tokens":20}}}""",
        "[DONE]",
    ];

    public static readonly ReplyHead Head = new("7", "my-model", DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));

    public static readonly ModelRequest Request = new("my-model", []);

    public static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static ModelRequest Read(string body) => new ChatCompletions().Read(Bytes(body));

    public static DialectFault Refused(string body) => Assert.Throws<DialectException>(() => Read(body)).Fault;

    /// <summary>A request with one more member.</summary>
    public static string With(string member) => $$"""{"model":"m","messages":[{"role":"user","content":"hi"}],{{member}}}""";

    /// <summary>A request whose one message this is.</summary>
    public static string Saying(string message) => $$"""{"model":"m","messages":[{{message}}]}""";

    public static string Sent(ModelRequest request, bool isOpenAi = true) => Written(into => new ChatWire(isOpenAi).Write(request, "upstream", 64, into));

    public static ModelReply Replied(string body) => new ChatWire(true).Read(Bytes(body));

    public static List<ModelEvent> Streamed(params string[] chunks)
    {
        var events = new List<ModelEvent>();
        var stream = new ChatWire(true).Stream();
        foreach (var chunk in chunks)
        {
            stream.Read(Bytes(chunk), events);
        }

        return events;
    }

    public static ModelReply Built(IEnumerable<ModelEvent> events)
    {
        var builder = new ReplyBuilder();
        foreach (var said in events)
        {
            builder.Add(said);
        }

        return builder.Reply();
    }

    public static string Written(Action<IBufferWriter<byte>> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        write(buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
