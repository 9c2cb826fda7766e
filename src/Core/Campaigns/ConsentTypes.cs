namespace Agora.Core.Campaigns;

/// <summary>What a task may ask the user's consent to.</summary>
public static class ConsentTypes
{
    public const string DataSharing = "data_sharing";
    public const string Contact = "contact";
    public const string Retention = "retention";

    public static IReadOnlyList<string> All { get; } = [DataSharing, Contact, Retention];
}
