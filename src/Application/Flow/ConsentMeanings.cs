using Agora.Core.Campaigns;

namespace Agora.Application.Flow;

/// <summary>What a user agrees to, in words of ours: no sponsor's stand among them.</summary>
internal static class ConsentMeanings
{
    public const string Granted = "Whether the user agrees. Only the user can mean it: false, and the task is not done, and nothing else comes of it.";

    public static string Of(string type) => type switch
    {
        ConsentTypes.DataSharing => "The sponsor sees what the task's output says about the user.",
        ConsentTypes.Contact => "The sponsor may get in touch with the user.",
        ConsentTypes.Retention => "The sponsor keeps what it has seen after its campaign has ended.",
        _ => "What the sponsor asks for, by its own name.",
    };
}
