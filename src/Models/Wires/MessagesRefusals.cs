using Agora.Models.Dialects;

namespace Agora.Models.Wires;

/// <summary>What Anthropic cannot do, and what would mean something else without it. Hints are dropped instead: prompt_cache_key, an image's detail, a medium verbosity.</summary>
internal static class MessagesRefusals
{
    private const int LeastBudgetTokens = 1_024;

    public static void Check(ModelRequest request, int maxOutputTokens)
    {
        if (request.Seed is not null) throw Not("seed", "repeats no reply by a seed");
        if (request.PresencePenalty is not (null or 0)) throw Not("presence_penalty", "has no presence penalty");
        if (request.FrequencyPenalty is not (null or 0)) throw Not("frequency_penalty", "has no frequency penalty");
        if (request.Temperature > 1) throw Not("temperature", "takes a temperature from 0 to 1 only");
        if (request.Verbosity is not (null or "medium")) throw Not("verbosity", "has no verbosity");
        if (request.Format is OutputFormat.AnyJson) throw Not("response_format", "gives JSON by a schema only");

        if (request.Tools.Any(tool => tool.IsCustom) || request.ToolChoice is ToolChoice.Named { IsCustom: true })
        {
            throw Not("tools", "has no tools whose input is free text");
        }

        if (request.ToolChoice is ToolChoice.Allowed)
        {
            throw Not("tool_choice", "takes no choice among some of the tools: send only those that may be called");
        }

        if (request.ServiceTier is not (null or "auto" or "default" or "standard_only"))
        {
            throw Not("service_tier", "has no such tier for a request to choose");
        }

        WireRefusals.CheckNames(request);
        if (request.Items.Any(HasOtherThanText)) throw Not("messages", "takes only text from a system message, and from what the assistant said");

        if (request.Reasoning is { BudgetTokens: not null, IsOff: false } && maxOutputTokens <= LeastBudgetTokens)
        {
            throw DialectException.Invalid("max_tokens", $"This model's provider thinks with at least {LeastBudgetTokens} tokens, which must be fewer than all that may be written: {maxOutputTokens} here.");
        }
    }

    private static bool HasOtherThanText(Item item) => item is Item.Message { Role: not Role.User } message && message.Parts.Any(part => part is Part.Image);

    private static DialectException Not(string param, string what) => DialectException.Invalid(param, $"This model's provider {what}.");
}
