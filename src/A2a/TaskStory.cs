using System.Globalization;
using System.Text.Json;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core.Conversations;
using Agora.Grains.Conversations;

namespace Agora.A2a;

/// <summary>What is told of a task: its new state, or something of an artifact.</summary>
/// <param name="Number">From 1 on, without gaps.</param>
/// <param name="Body">The members of a TaskStatusUpdateEvent or a TaskArtifactUpdateEvent, but for its metadata.</param>
internal sealed record TaskEvent(long Number, string Kind, string Body);

/// <summary>
/// A task, as its conversation tells it. It follows from the entries alone, one after the other, so it is the same whenever, wherever and how often it is read; and so are the numbers of its events.
/// <para>Its first message is that of whoever asks. An agent that joins works on it. What the agent replies is the result, and completes it; what it says besides is said along the way; and in a message of content
/// type application/a2a+json it says states and artifacts by the protocol's own words (<see cref="Updates"/>). Who asks and closes cancels. Once it is over it stays as it is.</para>
/// <para>By the protocol an agent answers with a message or with a task, and its first event says which (section 3.1.2 of the specification). So if an agent's first word is one message of the protocol, that is its answer, and the task is
/// completed. A later message is said along the way.</para>
/// <para>Bounds: <see cref="A2aLimits.TaskEntries"/> and <see cref="A2aLimits.TaskBytes"/>.</para>
/// </summary>
internal sealed class TaskStory(string taskId, string caller, string agent)
{
    public const string User = "ROLE_USER";
    public const string Agent = "ROLE_AGENT";

    private const string Late = "The agent did not reply in time.";
    private const string Problem = AgentCaller.Problem;

    private readonly List<Artifact> _artifacts = [];
    private readonly List<string> _history = [];
    private string? _statusMessage;
    private string? _contextId;
    private string? _lastAsked;
    private int _entries;
    private bool _hasSpoken;

    /// <summary>The agent has said something since it was last asked.</summary>
    private bool _isHeard;

    /// <summary>The message with which the agent answered, as JSON. Null if it answered with a task, or has not answered yet.</summary>
    public string? Answer { get; private set; }

    public string TaskId => taskId;

    public string ContextId => _contextId ?? taskId;

    public TaskState State { get; private set; } = TaskState.Submitted;

    public DateTimeOffset At { get; private set; }

    /// <summary>Of the newest event; 0: nothing was asked yet.</summary>
    public long Sequence { get; private set; }

    /// <summary>What was said was erased.</summary>
    public bool IsErased { get; private set; }

    public bool IsThere => Sequence > 0 && !IsErased;

    public bool IsOver => State.IsOver();

    public bool IsTooLong => _entries > A2aLimits.TaskEntries || Bytes > A2aLimits.TaskBytes;

    public int Entries => _entries;

    public int Bytes { get; private set; }

    /// <summary>Its conversation is closed.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Number of the newest entry, and up to which the agent has spoken.</summary>
    public long Last { get; private set; }

    public long Spoken { get; private set; }

    /// <summary>What whoever asks has said, by message id; the content as it was kept.</summary>
    public Dictionary<string, ReadOnlyMemory<byte>> Said { get; } = new(StringComparer.Ordinal);

    /// <summary>Takes the next entry. Each event is told as soon as it counts, so what is read of the task between two of them is how it stands then.</summary>
    public IEnumerable<TaskEvent> Apply(Entry entry)
    {
        _entries++;
        Last = entry.Number;
        return entry.Happened switch
        {
            ConversationEvent.Said { Content: null } => Erase(),
            ConversationEvent.Said e when e.From == caller => Ask(e, entry.At),
            ConversationEvent.Said e when e.From == agent => Speak(e, entry.At),
            ConversationEvent.Joined e when e.AgentId == agent && State == TaskState.Submitted => Become(TaskState.Working, entry.At, null),
            ConversationEvent.Left e when e.AgentId == agent => Become(_hasSpoken ? TaskState.Failed : TaskState.Rejected, entry.At, null),
            ConversationEvent.Left e when e.AgentId == caller => Become(TaskState.Canceled, entry.At, null),
            ConversationEvent.Unanswered e when e.MessageId == _lastAsked && !_isHeard => Become(TaskState.Failed, entry.At, Note(entry.Number, Late)),
            ConversationEvent.Closed => Close(entry.At),
            _ => [],
        };
    }

    /// <param name="mostHistory">The newest messages; null: all.</param>
    public void Write(Utf8JsonWriter writer, int? mostHistory, bool hasArtifacts, bool hasSequence)
    {
        writer.WriteStartObject();
        writer.WriteString("id", taskId);
        writer.WriteString("contextId", ContextId);
        writer.WritePropertyName("status");
        writer.WriteRawValue(Status());
        if (hasArtifacts)
        {
            writer.WriteStartArray("artifacts");
            foreach (var artifact in _artifacts) artifact.Write(writer);
            writer.WriteEndArray();
        }

        if (mostHistory is not 0)
        {
            writer.WriteStartArray("history");
            foreach (var message in _history.TakeLast(mostHistory ?? int.MaxValue)) writer.WriteRawValue(message);
            writer.WriteEndArray();
        }

        WriteSequence(writer, Sequence, hasSequence);
        writer.WriteEndObject();
    }

    public static void WriteSequence(Utf8JsonWriter writer, long number, bool isWanted)
    {
        if (!isWanted) return;

        writer.WriteStartObject("metadata");
        writer.WriteStartObject(A2a.Sequence.Uri);
        writer.WriteNumber(A2a.Sequence.Member, number);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private IEnumerable<TaskEvent> Erase()
    {
        IsErased = true;
        return [];
    }

    private IEnumerable<TaskEvent> Close(DateTimeOffset at)
    {
        IsClosed = true;
        return Become(TaskState.Canceled, at, null);
    }

    private IEnumerable<TaskEvent> Ask(ConversationEvent.Said said, DateTimeOffset at)
    {
        Bytes += said.Content!.Utf8.Length;
        Said.TryAdd(said.MessageId, said.Content.Utf8);
        if (IsOver) return [];

        (_lastAsked, _isHeard) = (said.MessageId, false);
        var isFirst = Sequence == 0;
        var content = JsonElement.Parse(said.Content.Utf8.Span);
        var message = said.ContentType == SendAsked.ContentType ? Parts.Member(content, "message") : null;
        if (isFirst && message is { } first && Parts.Id(first, "contextId") is { } context)
        {
            _contextId = context;
        }

        _history.Add(message is { } sent ? sent.GetRawText() : Message(said.MessageId, User, writer => Parts.WritePlain(writer, said.ContentType, said.Content.Utf8)));
        return isFirst ? Become(TaskState.Submitted, at, null) : State.IsInterrupted() ? Become(TaskState.Working, at, null) : [];
    }

    private IEnumerable<TaskEvent> Speak(ConversationEvent.Said said, DateTimeOffset at)
    {
        Bytes += said.Content!.Utf8.Length;
        var isFirst = !_hasSpoken;
        (_hasSpoken, _isHeard, Spoken) = (true, true, said.Number);
        if (said.ContentType == SendAsked.ContentType && Updates.Of(said.Content.Utf8) is { } updates)
        {
            if (isFirst && !IsOver && updates is [Update.Word only])
            {
                Answer = Message(said.MessageId, only.Message);
                return Become(TaskState.Completed, at, Answer);
            }

            return updates.SelectMany((update, index) => Put(update, Name(said.MessageId, index, updates.Count), at));
        }

        string Plain() => Message(said.MessageId, Agent, writer => Parts.WritePlain(writer, said.ContentType, said.Content.Utf8));
        return said.ReplyTo is null || !Said.ContainsKey(said.ReplyTo) ? Become(IsWorking, at, Plain())
            : said.ContentType == Problem ? Become(TaskState.Failed, at, Plain())
            : Result(said, at);
    }

    private TaskState IsWorking => State == TaskState.Submitted ? TaskState.Working : State;

    private static string Name(string messageId, int index, int of) => of == 1 ? messageId : string.Create(CultureInfo.InvariantCulture, $"{messageId}.{index}");

    /// <summary>An answer is the task's output, which is an artifact (section 3.7 of the specification).</summary>
    private IEnumerable<TaskEvent> Result(ConversationEvent.Said said, DateTimeOffset at)
    {
        var artifact = ApiJson.Text(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("artifactId", said.MessageId);
            Parts.WritePlain(writer, said.ContentType, said.Content!.Utf8);
            writer.WriteEndObject();
        });
        return Add(JsonElement.Parse(artifact), said.MessageId, append: false, isLast: true).Concat(Later(() => Become(TaskState.Completed, at, null)));
    }

    private IEnumerable<TaskEvent> Put(Update update, string name, DateTimeOffset at) => update switch
    {
        Update.Status status => Become(status.State, at, status.Message is { } message ? Message(name, message) : null),
        Update.Word word => Become(IsWorking, at, Message(name, word.Message)),
        Update.Chunk chunk => Add(chunk.Artifact, name, chunk.Append, chunk.IsLast),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static IEnumerable<TaskEvent> Later(Func<IEnumerable<TaskEvent>> events)
    {
        foreach (var told in events()) yield return told;
    }

    private IEnumerable<TaskEvent> Become(TaskState state, DateTimeOffset at, string? message)
    {
        if (IsOver) yield break;

        (State, At, _statusMessage) = (state, at, message);
        if (message is not null)
        {
            _history.Add(message);
        }

        yield return Tell("statusUpdate", writer =>
        {
            writer.WritePropertyName("status");
            writer.WriteRawValue(Status());
        });
    }

    private IEnumerable<TaskEvent> Add(JsonElement given, string name, bool append, bool isLast)
    {
        if (IsOver) yield break;

        var id = Parts.Id(given, "artifactId") ?? name;
        var known = _artifacts.Find(artifact => artifact.Id == id);
        if (known is not null && append)
        {
            known.Append(given);
        }
        else
        {
            _artifacts.RemoveAll(artifact => artifact.Id == id);
            _artifacts.Add(new(id, given));
        }

        yield return Tell("artifactUpdate", writer =>
        {
            writer.WritePropertyName("artifact");
            new Artifact(id, given).Write(writer);
            writer.WriteBoolean("append", known is not null && append);
            writer.WriteBoolean("lastChunk", isLast);
        });
    }

    private TaskEvent Tell(string kind, Action<Utf8JsonWriter> body)
    {
        var members = ApiJson.Text(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("taskId", taskId);
            writer.WriteString("contextId", ContextId);
            body(writer);
            writer.WriteEndObject();
        });
        return new(++Sequence, kind, members);
    }

    private string Status() => ApiJson.Text(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("state", State.Name());
        if (_statusMessage is not null)
        {
            writer.WritePropertyName("message");
            writer.WriteRawValue(_statusMessage);
        }

        writer.WriteString("timestamp", At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        writer.WriteEndObject();
    });

    private string Note(long number, string text) =>
        Message(string.Create(CultureInfo.InvariantCulture, $"{taskId}.{number}"), Agent, writer => Parts.WritePlain(writer, MediaTypes.Json, JsonSerializer.SerializeToUtf8Bytes(text)));

    /// <summary>Of the agent, which need not say again what is known of it.</summary>
    private string Message(string name, JsonElement given) => Message(Parts.Id(given, "messageId") ?? name, Agent, writer =>
    {
        Parts.Write(writer, given.GetProperty("parts"));
        Parts.Copy(writer, given, "metadata", "extensions");
    });

    private string Message(string id, string role, Action<Utf8JsonWriter> rest) => ApiJson.Text(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("messageId", id);
        writer.WriteString("contextId", ContextId);
        writer.WriteString("taskId", taskId);
        writer.WriteString("role", role);
        rest(writer);
        writer.WriteEndObject();
    });

    /// <summary>What was made so far of one output.</summary>
    private sealed class Artifact(string id, JsonElement first)
    {
        private readonly List<JsonElement> _chunks = [first];

        public string Id => id;

        public void Append(JsonElement chunk) => _chunks.Add(chunk);

        public void Write(Utf8JsonWriter writer)
        {
            writer.WriteStartObject();
            writer.WriteString("artifactId", id);
            foreach (var name in (string[])["name", "description"])
            {
                var text = _chunks.Select(chunk => Parts.Member(chunk, name)).LastOrDefault(text => text is not null);
                if (text is { } said)
                {
                    writer.WriteString(name, said.GetString());
                }
            }

            writer.WriteStartArray("parts");
            foreach (var chunk in _chunks) Parts.WriteItems(writer, chunk.GetProperty("parts"));
            writer.WriteEndArray();
            var last = _chunks.LastOrDefault(chunk => Parts.Member(chunk, "metadata") is not null || Parts.Member(chunk, "extensions") is not null);
            if (last.ValueKind == JsonValueKind.Object)
            {
                Parts.Copy(writer, last, "metadata", "extensions");
            }

            writer.WriteEndObject();
        }
    }
}
