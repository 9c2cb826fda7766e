using Agora.Models.Dialects;
using Agora.Models.Wires;

namespace Agora.Models.Tests;

public sealed class GeminiWireWriteTests
{
    private static readonly ModelRequest Short = new("m-1", [new Item.Message(Role.User, [new Part.Text("a")])]);
    private static readonly Tool Look = new("look", null, null, null);

    [Fact]
    public void All_that_Google_knows_is_written() =>
        Assert.Equal(
            """
            {"systemInstruction":{"parts":[{"text":"s"}]},"contents":[{"role":"user","parts":[{"text":"a"},{"inlineData":{"mimeType":"image/png","data":"AAAA"}},{"fileData":{"mimeType":"image/jpeg","fileUri":"https://a.example/b.JPG?c"}},{"fileData":{"fileUri":"https://a.example/b"}}]},
            {"role":"model","parts":[{"functionCall":{"id":"c1","name":"look","args":{"x":1}},"thoughtSignature":"S"},{"functionCall":{"id":"c2","name":"see","args":{}}}]},
            {"role":"user","parts":[{"functionResponse":{"id":"c1","name":"look","response":{"output":"r\nq"},"parts":[{"inlineData":{"mimeType":"image/png","data":"AAAA"}}]}},{"functionResponse":{"id":"c2","name":"see","response":{"error":"no"}}}]},
            {"role":"user","parts":[{"text":"b"}]}],
            "tools":[{"functionDeclarations":[{"name":"look","description":"d","parametersJsonSchema":{"type":"object"}},{"name":"see"}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["look"]}},
            "generationConfig":{"maxOutputTokens":2000,"temperature":1.5,"topP":0.9,"topK":40,"presencePenalty":0.1,"frequencyPenalty":0.2,"seed":7,"stopSequences":["x"],"responseMimeType":"application/json","responseJsonSchema":{"type":"array"},"thinkingConfig":{"thinkingLevel":"LOW","includeThoughts":true}},"serviceTier":"standard"}
            """.Replace("\n", "", StringComparison.Ordinal),
            MessagesBytes.Written(new GeminiWire(), new("m-1", [
                new Item.Message(Role.Developer, [new Part.Text("s")]),
                new Item.Message(Role.User, [new Part.Text("a"), new Part.Image(null, "image/png", "AAAA", "high"), new Part.Image("https://a.example/b.JPG?c", null, null, null), new Part.Image("https://a.example/b", null, null, null)]),
                new Item.Reasoning([], "t", new("anthropic", "sig")),
                new Item.ToolCall("c1", "look", """{"x":1}""", Seal: new("google", "S")),
                new Item.ToolCall("c2", "see", "", Seal: new("openai", "S")),
                new Item.ToolResult("c1", [new Part.Text("r"), new Part.Image(null, "image/png", "AAAA", null), new Part.Text("q")]),
                new Item.ToolResult("c2", [new Part.Text("no")], IsError: true),
                new Item.Message(Role.User, [new Part.Text("b")]),
            ])
            {
                Tools = [new("look", "d", """{"type":"object"}""", null) { Cache = CacheTime.Hour }, new("see", null, null, null)],
                ToolChoice = new ToolChoice.Named("look"), Temperature = 1.5, TopP = 0.9, TopK = 40, PresencePenalty = 0.1, FrequencyPenalty = 0.2, Seed = 7, Stop = ["x"],
                Format = new OutputFormat.ByJsonSchema("n", """{"type":"array"}""", true, null), Reasoning = new("low", Summary: "auto"), ServiceTier = "default", PromptCacheKey = "k",
            }, "gemini-3-pro"));

    [Theory]
    [InlineData("gemini-2.5-pro", false)]
    [InlineData("gemini-3-pro", true)]
    public void The_first_call_of_a_turn_whose_signature_is_lost_is_marked_for_models_that_want_one(string model, bool isMarked) =>
        Assert.Equal(
            isMarked,
            MessagesBytes.Written(new GeminiWire(), Short with { Items = [new Item.ToolCall("c", "look", "{}"), new Item.ToolResult("c", [])] }, model).Contains("\"args\":{}},\"thoughtSignature\":\"skip_thought_signature_validator\"}", StringComparison.Ordinal));

    public static TheoryData<string, ReasoningOptions, string> Thinking => new()
    {
        { "gemini-3-pro", new(IsOff: true), "{\"thinkingBudget\":0}" },
        { "gemini-3-pro", new(Effort: "none", Summary: null), "{\"thinkingBudget\":0}" },
        { "gemini-3-pro", new(Effort: "xhigh"), "{\"thinkingLevel\":\"HIGH\"}" },
        { "gemini-2.5-pro", new(Effort: "low"), "{\"thinkingBudget\":1024}" },
        { "gemini-2.5-pro", new(Effort: "high"), "{\"thinkingBudget\":2000}" },
        { "gemini-3-pro", new(Effort: "low", BudgetTokens: 512, Summary: "auto"), "{\"thinkingBudget\":512,\"includeThoughts\":true}" },
        { "gemini-3-pro", new(IsAdaptive: true, Summary: "auto"), "{\"includeThoughts\":true}" },
    };

    [Theory]
    [MemberData(nameof(Thinking))]
    public void Reasoning_is_written_as_the_model_knows_it(string model, ReasoningOptions reasoning, string config) =>
        Assert.EndsWith($"\"thinkingConfig\":{config}}}}}", MessagesBytes.Written(new GeminiWire(), Short with { Reasoning = reasoning }, model), StringComparison.Ordinal);

    public static TheoryData<ToolChoice, bool, string> Choices => new()
    {
        { ToolChoice.Auto, false, "AUTO" },
        { ToolChoice.Auto, true, "VALIDATED" },
        { ToolChoice.None, true, "NONE" },
        { ToolChoice.Required, false, "ANY" },
    };

    [Theory]
    [MemberData(nameof(Choices))]
    public void Each_choice_has_its_mode(ToolChoice choice, bool isStrict, string mode) =>
        Assert.Contains($"\"mode\":\"{mode}\"", MessagesBytes.Written(new GeminiWire(), Short with { Tools = [Look with { Strict = isStrict }], ToolChoice = choice }), StringComparison.Ordinal);

    public static TheoryData<ModelRequest, string> Refused => new()
    {
        { Short with { Seed = long.MaxValue }, "seed" },
        { Short with { Verbosity = "high" }, "verbosity" },
        { Short with { Tools = [Look], ParallelToolCalls = false }, "parallel_tool_calls" },
        { Short with { Tools = [Look with { IsCustom = true }] }, "tools" },
        { Short with { ServiceTier = "batch" }, "service_tier" },
        { Short with { Items = [new Item.Message(Role.Assistant, [new Part.Image("https://a.example", null, null, null)])] }, "messages" },
        { Short with { Items = [new Item.ToolResult("c", [])] }, "messages" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_Google_cannot_do_is_refused(ModelRequest request, string param) =>
        Assert.Equal(param, Assert.Throws<DialectException>(() => MessagesBytes.Written(new GeminiWire(), request)).Fault.Param);

    [Theory]
    [InlineData("gemini-3-pro", false, "models/gemini-3-pro:generateContent")]
    [InlineData("models/gemini-3-pro", true, "models/gemini-3-pro:streamGenerateContent?alt=sse")]
    [InlineData("../x?y", false, "models/..%2Fx%3Fy:generateContent")]
    public void A_model_has_its_path(string model, bool stream, string path)
    {
        var wire = new GeminiWire();

        Assert.Equal((path, "google"), (wire.PathOf(model, stream), wire.Maker));
        Assert.Equal([("x-goog-api-key", "k")], wire.HeadersFor("k"));
    }
}
