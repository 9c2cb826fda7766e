using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>The body's own members. One that is null counts as absent: clients of several languages write it for what they leave out.</summary>
internal static class MessagesRequestReader
{
    /// <param name="isCounted">Nothing is written, so nothing has to be said of that.</param>
    public static ModelRequest Read(JsonElement body, bool isCounted = false)
    {
        var place = new MessagesPlace();
        var request = new ModelRequest("", []);
        foreach (var member in body.EnumerateObject())
        {
            var value = member.Value;
            if (value.ValueKind == JsonValueKind.Null) continue;

            request = member.Name switch
            {
                "model" => request with { Model = place.NameText(value, "model") },
                "max_tokens" => request with { MaxOutputTokens = place.Whole(value, "max_tokens", 1, ModelLimits.OutputTokens) },
                "messages" or "system" or "cache_control" => request,
                "tools" => request with { Tools = MessagesToolReader.Tools(value, place) },
                "tool_choice" => MessagesToolReader.Choice(request, value, place),
                "temperature" => request with { Temperature = place.Number(value, "temperature", 0, 1) },
                "top_p" => request with { TopP = place.Number(value, "top_p", 0, 1) },
                "top_k" => request with { TopK = place.Whole(value, "top_k", 0, int.MaxValue) },
                "stop_sequences" => request with { Stop = Stops(value, place) },
                "stream" => request with { Stream = place.Flag(value, "stream") },
                "thinking" => MessagesOptionsReader.Thinking(request, value, place),
                "output_config" => MessagesOptionsReader.OutputConfig(request, value, place),
                "service_tier" => request with { ServiceTier = place.Word(value, "service_tier", "auto", "standard_only") == "auto" ? "auto" : "default" },
                "context_management" => MessagesOptionsReader.ContextManagement(request, value, place),
                "metadata" => Metadata(request, value, place),
                _ => throw NotTaken(member.Name, place),
            };
        }

        if (request.Model.Length == 0) throw place.Missing("model");
        if (request.MaxOutputTokens is null && !isCounted) throw place.Missing("max_tokens");
        if (request.Reasoning?.BudgetTokens >= request.MaxOutputTokens) throw place.Wrong("thinking.budget_tokens", "Must be less than max_tokens.");

        return request with { Items = MessagesContentReader.Items(body, place) };
    }

    private static DialectException NotTaken(string member, MessagesPlace place) => member switch
    {
        "mcp_servers" => place.Wrong(member, "MCP servers that the provider calls are not taken: offer their tools as tools of your own."),
        "container" => place.Wrong(member, "Containers are not taken: they cost by the time that they run."),
        "inference_geo" => place.Wrong(member, "Where the model runs is not chosen by a request."),
        "speed" => place.Wrong(member, "Another speed at another price is not taken."),

        // By this code the SDK's tool runner knows that it has to send the whole conversation itself.
        "thread" => new(new(DialectErrorKind.InvalidRequest, "thread_unsupported_request", "thread: Conversations that the server holds are not taken: send the whole of it, without thread.", member)),
        _ => place.Unknown(member),
    };

    private static List<string> Stops(JsonElement value, MessagesPlace place)
    {
        place.WantArray(value, "stop_sequences", ModelLimits.StopSequences);
        var stops = new List<string>(value.GetArrayLength());
        foreach (var stop in value.EnumerateArray())
        {
            stops.Add(place.NameText(stop, "stop_sequences"));
        }

        return stops;
    }

    /// <summary>It says who asks, for the provider's own records; Agora knows that itself.</summary>
    private static ModelRequest Metadata(ModelRequest request, JsonElement value, MessagesPlace place)
    {
        place.WantObject(value, "metadata");
        place.Into("metadata");
        foreach (var member in value.EnumerateObject())
        {
            if (member.Name != "user_id") throw place.Unknown(member.Name);
            if (member.Value.ValueKind != JsonValueKind.Null)
            {
                place.Text(member.Value, "user_id");
            }
        }

        place.Out();
        return request;
    }
}
