using Agora.Models.Dialects;

namespace Agora.Models.Wires;

/// <summary>What Google cannot do, and what would mean something else without it. Hints are dropped instead: cache marks, prompt_cache_key, an image's detail, a medium verbosity.</summary>
internal static class GeminiRefusals
{
    public static void Check(ModelRequest request)
    {
        if (request.Seed is < int.MinValue or > int.MaxValue) throw Not("seed", "takes a seed of 32 bits only");
        if (request.Verbosity is not (null or "medium")) throw Not("verbosity", "has no verbosity");

        if (request.ParallelToolCalls == false && request.Tools.Count > 0)
        {
            throw Not("parallel_tool_calls", "cannot be kept from calling several tools at once");
        }

        if (request.Tools.Any(tool => tool.IsCustom) || request.ToolChoice is ToolChoice.Named { IsCustom: true })
        {
            throw Not("tools", "has no tools whose input is free text");
        }

        if (request.ServiceTier is not (null or "auto" or "default" or "standard" or "flex" or "priority"))
        {
            throw Not("service_tier", "has no such tier");
        }

        WireRefusals.CheckNames(request);
        if (request.Items.Any(HasOtherThanText)) throw Not("messages", "takes only text from a system message, and from what the assistant said");
    }

    public static DialectException ResultWithoutCall(string callId) =>
        DialectException.Invalid("messages", $"The result of the tool call {callId} has no call before it, and this model's provider wants the tool's name.");

    private static bool HasOtherThanText(Item item) => item is Item.Message { Role: not Role.User } message && message.Parts.Any(part => part is Part.Image);

    private static DialectException Not(string param, string what) => DialectException.Invalid(param, $"This model's provider {what}.");
}
