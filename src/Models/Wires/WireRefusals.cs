using Agora.Models.Dialects;

namespace Agora.Models.Wires;

/// <summary>What several wires refuse alike.</summary>
internal static class WireRefusals
{
    /// <summary>Only OpenAI's chat, and servers that speak like it, have names of participants. Left out, the model would not know who speaks.</summary>
    public static void CheckNames(ModelRequest request)
    {
        if (request.Items.Any(static item => item is Item.Message { Name: not null }))
        {
            throw DialectException.Invalid("name", "This model's provider has no names of participants: say in the text who speaks, and leave 'name' out.");
        }
    }
}
