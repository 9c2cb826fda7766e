using Agora.Application.Memories;
using Agora.Application.Models;
using Agora.Application.Values;

namespace Agora.Api.Memories;

/// <param name="Model">Which made its vector; null: it has none.</param>
/// <param name="ChatId">From which it was taken, with the turn; null: from none.</param>
internal sealed record MemoryData(Guid MemoryId, string Text, bool Pinned, string? Model, string? ChatId, int? Turn, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public const string IdExample = "0198c0de-0000-7000-8000-000000000001";
    public const string Example = $$"""{"memory_id":"{{IdExample}}","text":"Drinks tea, no milk.","pinned":true,"model":"vectors","chat_id":null,"turn":null,"created_at":"2030-01-01T00:00:00.000000Z","updated_at":"2030-01-01T00:00:00.000000Z"}""";

    public static MemoryData Of(SaidMemory said) =>
        new(said.Kept.MemoryId, said.Text, said.Kept.Pinned, said.Kept.Model, said.Kept.Source?.ChatId, said.Kept.Source?.Turn, said.Kept.CreatedAt, said.Kept.UpdatedAt);
}

internal sealed record MemoriesData(IReadOnlyList<MemoryData> Memories, int TotalCount, int Offset, int Limit);

/// <param name="RunId">Of the call that made its vector; null: none was made now.</param>
internal sealed record WrittenMemoryData(MemoryData Memory, Guid? RunId, Cents? CostCents)
{
    public const string Example = $$"""{"memory":{{MemoryData.Example}},"run_id":"0198c0de-0000-7000-8000-000000000000","cost_cents":0.2}""";

    public static WrittenMemoryData Of(WrittenMemory written) => new(MemoryData.Of(written.Memory!), written.Made.RunId, Cost(written.Made));

    public static Cents? Cost(MadeVectors made) => made.CostMicros is { } micros ? new(micros) : null;
}

internal sealed record ForgottenMemoryData(Guid MemoryId);

/// <param name="Score">How well it answers; null: it is pinned.</param>
internal sealed record FoundMemoryData(MemoryData Memory, double? Score);

/// <param name="Memories">The pinned ones first.</param>
/// <param name="NotCompared">Memories that have no vector of this model.</param>
internal sealed record FoundMemoriesData(IReadOnlyList<FoundMemoryData> Memories, int NotCompared, Guid? RunId, Cents? CostCents)
{
    public const string Example = $$"""{"memories":[{"memory":{{MemoryData.Example}},"score":null}],"not_compared":0,"run_id":"0198c0de-0000-7000-8000-000000000000","cost_cents":0.2}""";

    public static FoundMemoriesData Of(AnsweredQuery answered) =>
        new([.. answered.Memories.Select(said => new FoundMemoryData(MemoryData.Of(said), said.Score is { } score ? Math.Round(score, 4) : null))], answered.Unvectored, answered.Made.RunId, WrittenMemoryData.Cost(answered.Made));
}
