#pragma warning disable MCP9004, MCP9005 // what later revisions do without is asked for still
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Agora.Api.Tests.Mcp.Conformance;

/// <summary>Tools and a prompt that ask the client something before they answer: the answer comes with the same request again.</summary>
internal static class FixtureQuestions
{
    private static readonly byte[] SigningKey = RandomNumberGenerator.GetBytes(32);

    public static IEnumerable<McpServerTool> Tools { get; } =
    [
        Tool("test_input_required_result_elicitation", static context => NameIn(context.Params.InputResponses) is { } name ? $"Hello, {name}!" : Ask(("user_name", Name))),
        Tool("test_input_required_result_sampling", static context => Has(context, "capital_question") ? "Heard." : Ask(("capital_question", Sampling))),
        Tool("test_input_required_result_list_roots", static context => Has(context, "client_roots") ? "Heard." : Ask(("client_roots", Roots))),
        Tool("test_input_required_result_request_state", static context => context.Params.RequestState is null ? Ask("first", ("confirm", Confirm)) : context.Params.RequestState == "first" ? "state-ok" : "another state"),
        Tool("test_input_required_result_multiple_inputs", static context => context.Params.InputResponses?.Count >= 3 ? "Heard all." : Ask("several", ("user_name", Name), ("greeting", Sampling), ("client_roots", Roots))),
        Tool("test_input_required_result_multi_round", static context => context.Params.RequestState switch
        {
            null => Ask("round-1", ("step1", Name)),
            "round-1" => Ask("round-2", ("step2", Name)),
            _ => "Both rounds are done.",
        }),
        Tool("test_input_required_result_tampered_state", static context => context.Params.RequestState is not { } state ? Ask(Signed("state"), ("confirm", Confirm))
            : state == Signed("state") ? "Nobody changed it."
            : throw new McpProtocolException("The state is not the one that was given.", McpErrorCode.InvalidParams)),
        Tool("test_input_required_result_capabilities", Capable),
    ];

    public static McpServerPrompt Prompt { get; } = McpServerPrompt.Create(
        static (RequestContext<GetPromptRequestParams> context) => context.Params.InputResponses?.ContainsKey("user_context") == true
            ? new PromptMessage { Role = Role.User, Content = new TextContentBlock { Text = "With what the user said." } }
            : throw Required(null, ("user_context", Name)),
        new() { Name = "test_input_required_result_prompt", Description = "It asks first." });

    private static McpServerTool Tool(string name, Func<RequestContext<CallToolRequestParams>, string> act) => McpServerTool.Create(act, new() { Name = name, Description = $"What the conformance suite calls {name}." });

    private static string Capable(RequestContext<CallToolRequestParams> context)
    {
        var can = context.JsonRpcRequest.Context?.ClientCapabilities;
        return context.Params.InputResponses is { Count: > 0 } ? "Heard."
            : Ask([.. new[] { ("capital_question", Sampling, can?.Sampling is not null), ("user_name", Name, can?.Elicitation is not null), ("client_roots", Roots, can?.Roots is not null) }.Where(one => one.Item3).Select(one => (one.Item1, one.Item2))]);
    }

    private static bool Has(RequestContext<CallToolRequestParams> context, string name) => context.Params.InputResponses?.ContainsKey(name) == true;

    private static string? NameIn(IDictionary<string, InputResponse>? responses) =>
        responses?.TryGetValue("user_name", out var response) == true && response.Deserialize(InputResponse.ElicitResultJsonTypeInfo)?.Content?.TryGetValue("name", out var name) == true && name.ValueKind == JsonValueKind.String ? name.GetString() : null;

    private static string Ask(params (string Name, InputRequest Request)[] asked) => throw Required(null, asked);

    private static string Ask(string state, params (string Name, InputRequest Request)[] asked) => throw Required(state, asked);

    private static InputRequiredException Required(string? state, params (string Name, InputRequest Request)[] asked) => new(asked.ToDictionary(one => one.Name, one => one.Request), state);

    private static InputRequest Name => InputRequest.ForElicitation(new()
    {
        Message = "What is it called?",
        RequestedSchema = new() { Properties = new Dictionary<string, ElicitRequestParams.PrimitiveSchemaDefinition> { ["name"] = new ElicitRequestParams.StringSchema() }, Required = ["name"] },
    });

    private static InputRequest Confirm => InputRequest.ForElicitation(new()
    {
        Message = "Is it so?",
        RequestedSchema = new() { Properties = new Dictionary<string, ElicitRequestParams.PrimitiveSchemaDefinition> { ["ok"] = new ElicitRequestParams.BooleanSchema() }, Required = ["ok"] },
    });

    private static InputRequest Sampling => InputRequest.ForSampling(new() { Messages = [new() { Role = Role.User, Content = [new TextContentBlock { Text = "What is the capital of France?" }] }], MaxTokens = 100 });

    private static InputRequest Roots => InputRequest.ForRootsList(new());

    private static string Signed(string state) => $"{state}.{Convert.ToHexStringLower(HMACSHA256.HashData(SigningKey, Encoding.UTF8.GetBytes(state)))}";
}
