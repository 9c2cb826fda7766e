namespace Agora.Core.Users;

/// <summary>Ids of what is a user's: the thing's own, then the user's. So its first row can be sealed with the user's key, too, and nobody finds it without knowing whose it is.</summary>
public static class OwnedIds
{
    private const char Between = ':';

    /// <param name="own">Without a colon.</param>
    public static string Of(string own, string userId) => $"{own}{Between}{userId}";

    public static string Of(Guid own, string userId) => Of(own.ToString("N"), userId);

    /// <summary>Of a thing that has a <see cref="Guid"/>: 32 hexadecimal digits.</summary>
    public static string OwnOf(string id) => id.IndexOf(Between, StringComparison.Ordinal) is >= 0 and var at ? id[..at] : id;

    public static string UserOf(string id) => id.IndexOf(Between, StringComparison.Ordinal) is >= 0 and var at ? id[(at + 1)..] : "";
}
