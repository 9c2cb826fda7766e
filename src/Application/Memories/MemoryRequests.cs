using Agora.Application.Operations;
using Agora.Core.Kernel;

namespace Agora.Application.Memories;

/// <summary>What is said of a memory by whoever keeps, edits or looks for it.</summary>
internal static class MemoryRequests
{
    private const string Wanted = "A text is wanted here that is not blank, and has no hidden characters besides line breaks and tabs: nobody sees what those say, and a model reads it.";

    public static MemoryText Text(Call call) => new(
        Said(call.Body, "text", "What is to be remembered. It is shown to models as data, never as an instruction.", Limits.MemoryLength) ?? "",
        call.Body.Flag("pinned", "It is in every search, before all that is found.", absent: false) ?? false,
        Model(call.Body, "The model of kind embeddings that makes its vector, by the service's id, paid by the session; absent: none, and it is found by its words."));

    public static string? Model(Fields body, string meaning) => body.Id("model", meaning, required: false);

    public static string? Said(Fields body, string name, string meaning, int maxLength, bool required = true) => body.Formatted(name, meaning, maxLength, IsText, Wanted, required);

    private static bool IsText(string text) => !string.IsNullOrWhiteSpace(text) && !HiddenCharacters.AreIn(text, lines: true);
}

internal sealed record MemoriesAsked(bool OnlyPinned, Page Page)
{
    public static MemoriesAsked Read(Call call) => new(call.Query.Flag("pinned", "Only those that are pinned."), call.Query.Page());
}

internal sealed record MemoryEdit(string Id, MemoryText Text)
{
    public static MemoryEdit Read(Call call) => new(call.Id("memory_id"), MemoryRequests.Text(call));
}

internal sealed record MemoryQuery(string Query, int Limit, string? Model)
{
    public static MemoryQuery Read(Call call) => new(
        MemoryRequests.Said(call.Body, "query", "What is looked for.", Limits.MemoryQueryLength) ?? "",
        call.Body.Integer("limit", "So many at most, besides those that are pinned.", 1, Limits.MemoriesFound, Limits.MemoriesFoundDefault) ?? Limits.MemoriesFoundDefault,
        MemoryRequests.Model(call.Body, "The model of kind embeddings that makes the query's vector, paid by the session: memories whose vectors it made are compared. Absent: by words."));
}
