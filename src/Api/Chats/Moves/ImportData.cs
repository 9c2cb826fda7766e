namespace Agora.Api.Chats.Moves;

/// <summary>What became of turns of an older chat.</summary>
/// <param name="Known">Of the turns that were sent, from the first on, those that stand here, by their numbers here.</param>
/// <param name="Added">So many were added, or would be.</param>
/// <param name="Differs">The newest turn that was imported is not on their way: the past has changed there.</param>
/// <param name="NewestImported">0: none was.</param>
/// <param name="Turns">In all branches together.</param>
internal sealed record ImportData(string ChatId, IReadOnlyList<int> Known, int Added, bool Differs, int NewestImported, int Turns)
{
    public const string Example = """{"chat_id":"0198c0de-0000-8000-8000-000000000001","known":[1,2],"added":1,"differs":false,"newest_imported":3,"turns":3}""";
}

/// <summary>On which side a user of an older chat is.</summary>
/// <param name="SwitchedAt">Null: it never was on another.</param>
/// <param name="Sessions">Of the older chat, so many are known.</param>
internal sealed record SideData(string Side, DateTimeOffset? SwitchedAt, int Sessions)
{
    public const string Example = """{"side":"new","switched_at":"2030-01-01T00:00:00.000000Z","sessions":2}""";
}

internal sealed record WhereData(string Side)
{
    public const string Example = """{"side":"old"}""";
}
