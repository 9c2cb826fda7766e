Console.Error.WriteLine("An internal service calls grains of a cluster, so it needs the Orleans build: dotnet build samples/InternalService -p:GrainRuntime=Orleans");
return 2;
