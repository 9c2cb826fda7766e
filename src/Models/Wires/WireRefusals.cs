using Agora.Models.Dialects;

namespace Agora.Models.Wires;

/// <summary>Refusals that several wires share.</summary>
internal static class WireRefusals
{
    /// <summary>Only OpenAI's chat and compatible servers have names of participants. If a name were left out, the model would not know who speaks.</summary>
    public static void CheckNames(ModelRequest request)
    {
        if (request.Items.Any(static item => item is Item.Message { Name: not null }))
        {
            throw DialectException.Invalid("name", "This model's provider has no names of participants: say in the text who speaks, and leave 'name' out.");
        }
    }
}
