using System.Text.Json;

namespace Agora.A2a;

/// <summary>As the protocol numbers them.</summary>
internal enum TaskState
{
    Submitted = 1,
    Working = 2,
    Completed = 3,
    Failed = 4,
    Canceled = 5,
    InputRequired = 6,
    Rejected = 7,
    AuthRequired = 8,
}

internal static class TaskStates
{
    private static readonly (TaskState State, string Name)[] All =
    [
        (TaskState.Submitted, "TASK_STATE_SUBMITTED"), (TaskState.Working, "TASK_STATE_WORKING"), (TaskState.Completed, "TASK_STATE_COMPLETED"), (TaskState.Failed, "TASK_STATE_FAILED"),
        (TaskState.Canceled, "TASK_STATE_CANCELED"), (TaskState.InputRequired, "TASK_STATE_INPUT_REQUIRED"), (TaskState.Rejected, "TASK_STATE_REJECTED"), (TaskState.AuthRequired, "TASK_STATE_AUTH_REQUIRED"),
    ];

    public static string Name(this TaskState state) => Array.Find(All, one => one.State == state).Name;

    /// <summary>Nothing more becomes of the task.</summary>
    public static bool IsOver(this TaskState state) => state is TaskState.Completed or TaskState.Failed or TaskState.Canceled or TaskState.Rejected;

    /// <summary>It waits for whoever asked.</summary>
    public static bool IsInterrupted(this TaskState state) => state is TaskState.InputRequired or TaskState.AuthRequired;

    /// <summary>As good as nothing.</summary>
    public static bool IsUnspecified(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.ValueEquals("TASK_STATE_UNSPECIFIED"),
        JsonValueKind.Number => value.TryGetInt32(out var number) && number == 0,
        _ => false,
    };

    /// <summary>By its name, or by its number, as ProtoJSON takes both. Null: it is none.</summary>
    public static TaskState? Read(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String when Array.Find(All, one => value.ValueEquals(one.Name)) is { Name: not null } named => named.State,
        JsonValueKind.Number when value.TryGetInt32(out var number) && Enum.IsDefined((TaskState)number) => (TaskState)number,
        _ => null,
    };
}
