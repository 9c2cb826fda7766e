using System.Text.Json;
using Agora.Models.Dialects;

namespace Agora.Models.Wires;

/// <summary>What is the same in a whole reply of OpenAI's and in the events of a stream.</summary>
internal static class ResponsesWireOutput
{
    /// <summary>
    /// The item as it is when it begins: with its names, without what it says. Null: of a type that is not known, which is passed over, for types are added over time. An item of a tool that the provider runs
    /// costs money that nobody counted on, and cannot come, since such tools are never asked for: it is refused.
    /// </summary>
    public static Item? Begin(JsonElement item)
    {
        var type = ResponsesWireJson.Text(item, "type");
        var id = ResponsesWireJson.TextOrNull(item, "id");
        return type switch
        {
            "message" => new Item.Message(Role.Assistant, [], id) { Phase = PhaseOf(item) },
            "function_call" => new Item.ToolCall(ResponsesWireJson.Name(item, "call_id"), NameOf(item), "", IsCustom: false, id),
            "custom_tool_call" => new Item.ToolCall(ResponsesWireJson.Name(item, "call_id"), NameOf(item), "", IsCustom: true, id),
            "reasoning" => new Item.Reasoning([], "", null, id),
            "web_search_call" or "file_search_call" or "code_interpreter_call" or "image_generation_call" or "computer_call" or "mcp_call" or "shell_call" =>
                throw new InvalidDataException($"The provider ran a tool that was not asked for ({type})."),
            _ => null,
        };
    }

    /// <summary>What a finished item says, as events; <paramref name="came"/> says which of it came before, piece by piece.</summary>
    public static void Say(JsonElement item, int index, Func<string, int, bool> came, List<ModelEvent> into)
    {
        switch (ResponsesWireJson.Text(item, "type"))
        {
            case "message":
                SayMessage(item, index, came, into);
                break;
            case "function_call":
                if (!came("arguments", 0))
                {
                    into.Add(new ModelEvent.ArgumentsAdded(index, ResponsesWireJson.Text(item, "arguments")));
                }

                break;
            case "custom_tool_call":
                if (!came("arguments", 0))
                {
                    into.Add(new ModelEvent.ArgumentsAdded(index, ResponsesWireJson.Text(item, "input")));
                }

                break;
            case "reasoning":
                SayReasoning(item, index, came, into);
                break;
        }
    }

    public static Finish FinishOf(JsonElement response, bool hasCalls) => ResponsesWireJson.Text(response, "status") switch
    {
        "completed" => hasCalls ? Finish.ToolCalls : Finish.Stop,
        "incomplete" => CutOf(response),
        _ => throw new InvalidDataException("The response is not over."),
    };

    /// <summary>Why it did not come to its end.</summary>
    public static Finish CutOf(JsonElement response) =>
        ResponsesWireJson.ObjectOrNull(response, "incomplete_details") is { } details && ResponsesWireJson.TextOrNull(details, "reason") == "content_filter" ? Finish.ContentFilter : Finish.Length;

    public static Usage? UsageOf(JsonElement response) => ResponsesWireJson.ObjectOrNull(response, "usage") is { } usage ? ResponsesUsage.Read(usage) : null;

    private static void SayMessage(JsonElement item, int index, Func<string, int, bool> came, List<ModelEvent> into)
    {
        var number = 0;
        foreach (var part in ResponsesWireJson.Objects(item, "content"))
        {
            switch (ResponsesWireJson.Text(part, "type"))
            {
                case "output_text":
                    if (!came("text", number))
                    {
                        into.Add(new ModelEvent.TextAdded(index, ResponsesWireJson.Text(part, "text"), number));
                    }

                    break;
                case "refusal":
                    if (!came("text", number))
                    {
                        into.Add(new ModelEvent.RefusalAdded(index, ResponsesWireJson.Text(part, "refusal"), number));
                    }

                    break;
            }

            number++;
        }
    }

    private static void SayReasoning(JsonElement item, int index, Func<string, int, bool> came, List<ModelEvent> into)
    {
        var number = 0;
        foreach (var part in ResponsesWireJson.Objects(item, "summary"))
        {
            if (!came("summary", number))
            {
                into.Add(new ModelEvent.SummaryAdded(index, ResponsesWireJson.Text(part, "text"), number));
            }

            number++;
        }

        if (!came("reasoning", 0))
        {
            foreach (var part in ResponsesWireJson.Objects(item, "content"))
            {
                into.Add(new ModelEvent.ReasoningAdded(index, ResponsesWireJson.Text(part, "text")));
            }
        }

        if (ResponsesWireJson.TextOrNull(item, "encrypted_content") is { } seal)
        {
            into.Add(new ModelEvent.Sealed(index, new("openai", seal)));
        }
    }

    private static string NameOf(JsonElement item) => ResponsesNames.Flat(ResponsesWireJson.TextOrNull(item, "namespace"), ResponsesWireJson.Name(item, "name"));

    /// <summary>Only phases that the dialect takes back from a client.</summary>
    private static string? PhaseOf(JsonElement item) => ResponsesWireJson.TextOrNull(item, "phase") is ("commentary" or "final_answer") and var phase ? phase : null;
}
